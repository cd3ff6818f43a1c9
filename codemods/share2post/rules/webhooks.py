"""placeholder"""
from __future__ import annotations
class Webhooks:
    def __init__(self, evaluator): pass
    def drafts(self, units): return []
