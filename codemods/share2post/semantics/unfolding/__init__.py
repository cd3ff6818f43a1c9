"""A function of the project written out where it is called, with what its parameters are there put in."""

from typing import Final

# What a function is called that does what a wrapper did for an upload; it may have an underscore in front.
NAMES: Final = ("upload_video_to_inbox", "send_video_to_inbox", "upload_video_to_tiktok_inbox")
