"""S2P005 and S2P006: what becomes of webhook handlers, and of what looks like one."""

from __future__ import annotations

from checks import migrated, offered, project, refused, untouched
from share2post import Fix, Reason, migrate_source

# -- where a name stands --------------------------------------------------------------------------------


def test_equality_in_a_flask_view() -> None:
    findings = migrated(
        """
        import json
        from flask import Flask, request

        app = Flask(__name__)


        @app.post("/webhooks/tiktok")
        def receive():
            hook = request.get_json()
            if hook["event"] == "video.publish.completed":
                content = json.loads(hook["content"])
                done(content["share_id"])
            elif "video.upload.failed" == hook["event"]:  # sent when TikTok could not process it
                failed(json.loads(hook["content"]).get("share_id"))
            return "", 200
        """,
        """
        import json
        from flask import Flask, request

        app = Flask(__name__)


        @app.post("/webhooks/tiktok")
        def receive():
            hook = request.get_json()
            if hook["event"] == "post.publish.complete":
                content = json.loads(hook["content"])
                done(content["publish_id"])
            elif "post.publish.failed" == hook["event"]:  # sent when TikTok could not process it
                failed(json.loads(hook["content"]).get("publish_id"))
            return "", 200
        """,
    )

    assert [finding.rule for finding in findings] == ["S2P005", "S2P006", "S2P005", "S2P006"]
    assert len({finding.site for finding in findings}) == 1


def test_an_async_fastapi_endpoint() -> None:
    migrated(
        """
        @app.post("/hook")
        async def hook(request: Request, tiktok_signature: str = Header(...)):
            verify(await request.body(), tiktok_signature)
            body = await request.json()
            match body["event"]:
                case 'video.publish.complete' | 'video.publish.completed':
                    await published(json.loads(body['content'])['share_id'])
                case 'video.upload.failed':
                    await failed(json.loads(body['content'])['share_id'])
        """,
        """
        @app.post("/hook")
        async def hook(request: Request, tiktok_signature: str = Header(...)):
            verify(await request.body(), tiktok_signature)
            body = await request.json()
            match body["event"]:
                case 'post.publish.complete':
                    await published(json.loads(body['content'])['publish_id'])
                case 'post.publish.failed':
                    await failed(json.loads(body['content'])['publish_id'])
        """,
    )


def test_a_django_view() -> None:
    migrated(
        """
        import json
        from django.http import HttpResponse

        def webhook(request):
            check(request.META["HTTP_TIKTOK_SIGNATURE"], request.body)
            hook = json.loads(request.body)
            if hook.get("event") != "video.publish.completed":
                return HttpResponse()
            content = json.loads(hook.get("content", "{}"))
            if "share_id" in content:
                Upload.objects.filter(share_id=content["share_id"]).update(done=True)
            return HttpResponse()
        """,
        """
        import json
        from django.http import HttpResponse

        def webhook(request):
            check(request.META["HTTP_TIKTOK_SIGNATURE"], request.body)
            hook = json.loads(request.body)
            if hook.get("event") != "post.publish.complete":
                return HttpResponse()
            content = json.loads(hook.get("content", "{}"))
            if "publish_id" in content:
                Upload.objects.filter(share_id=content["publish_id"]).update(done=True)
            return HttpResponse()
        """,
    )


def test_a_lambda_handler() -> None:
    migrated(
        """
        import json

        def handler(event, context):
            body = json.loads(event["body"])
            content = json.loads(body["content"])
            if body["event"] in {"video.publish.completed"}:
                table.put_item(Item={"share_id": content["share_id"], "user": body["user_openid"]})
            return {"statusCode": 200}
        """,
        """
        import json

        def handler(event, context):
            body = json.loads(event["body"])
            content = json.loads(body["content"])
            if body["event"] in {"post.publish.complete"}:
                table.put_item(Item={"share_id": content["publish_id"], "user": body["user_openid"]})
            return {"statusCode": 200}
        """,
    )


def test_a_class_with_a_table_of_methods() -> None:
    migrated(
        """
        class TikTokHooks:
            def __init__(self):
                self.handlers = {
                    "video.publish.completed": self.on_completed,
                    "video.upload.failed": self.on_failed,
                }

            def handle(self, hook):
                handler = self.handlers.get(hook["event"])
                if handler:
                    handler(json.loads(hook["content"]))

            def on_completed(self, content):
                self.done.append(content["share_id"])

            def on_failed(self, content):
                self.failed.append(content.get("share_id", ""))
        """,
        """
        class TikTokHooks:
            def __init__(self):
                self.handlers = {
                    "post.publish.complete": self.on_completed,
                    "post.publish.failed": self.on_failed,
                }

            def handle(self, hook):
                handler = self.handlers.get(hook["event"])
                if handler:
                    handler(json.loads(hook["content"]))

            def on_completed(self, content):
                self.done.append(content["publish_id"])

            def on_failed(self, content):
                self.failed.append(content.get("publish_id", ""))
        """,
    )


def test_a_dispatch_table_of_functions_and_lambdas() -> None:
    migrated(
        """
        def tiktok_done(content):
            print(content["share_id"])

        HANDLERS = {
            "video.publish.completed": tiktok_done,
            "video.upload.failed": lambda content: print("failed", content["share_id"]),
        }

        def receive(hook):
            HANDLERS[hook["event"]](json.loads(hook["content"]))
        """,
        """
        def tiktok_done(content):
            print(content["publish_id"])

        HANDLERS = {
            "post.publish.complete": tiktok_done,
            "post.publish.failed": lambda content: print("failed", content["publish_id"]),
        }

        def receive(hook):
            HANDLERS[hook["event"]](json.loads(hook["content"]))
        """,
    )


def test_a_decorator_registry() -> None:
    migrated(
        """
        @tiktok.on("video.publish.completed")
        def completed(hook):
            content = json.loads(hook["content"])
            print(content["share_id"])
        """,
        """
        @tiktok.on("post.publish.complete")
        def completed(hook):
            content = json.loads(hook["content"])
            print(content["publish_id"])
        """,
    )


def test_a_registration_by_call() -> None:
    migrated(
        """
        def tiktok_completed(hook):
            print(hook["user_openid"], json.loads(hook["content"])["share_id"])

        handlers.register("video.publish.complete", tiktok_completed)
        """,
        """
        def tiktok_completed(hook):
            print(hook["user_openid"], json.loads(hook["content"])["publish_id"])

        handlers.register("post.publish.complete", tiktok_completed)
        """,
    )


def test_an_enum_compared_by_value() -> None:
    migrated(
        """
        from enum import Enum

        class TikTokEvent(Enum):
            FAILED = "video.upload.failed"
            DONE = "video.publish.completed"

        def handle(hook):
            if hook["event"] == TikTokEvent.DONE.value:
                finish(json.loads(hook["content"])["share_id"])
        """,
        """
        from enum import Enum

        class TikTokEvent(Enum):
            FAILED = "post.publish.failed"
            DONE = "post.publish.complete"

        def handle(hook):
            if hook["event"] == TikTokEvent.DONE.value:
                finish(json.loads(hook["content"])["publish_id"])
        """,
    )


def test_a_str_enum_made_of_the_event() -> None:
    migrated(
        """
        class TikTokEvent(StrEnum):
            FAILED = "video.upload.failed"

        def handle(hook):
            event = TikTokEvent(hook["event"])
            if event is TikTokEvent.FAILED:
                retry(json.loads(hook["content"])["share_id"])
        """,
        """
        class TikTokEvent(StrEnum):
            FAILED = "post.publish.failed"

        def handle(hook):
            event = TikTokEvent(hook["event"])
            if event is TikTokEvent.FAILED:
                retry(json.loads(hook["content"])["publish_id"])
        """,
    )


def test_a_literal_loses_the_second_spelling() -> None:
    migrated(
        """
        TikTokEvent = Literal["authorization.removed", "video.publish.complete", "video.publish.completed"]
        """,
        """
        TikTokEvent = Literal["authorization.removed", "post.publish.complete"]
        """,
    )


def test_a_default_argument() -> None:
    migrated(
        """
        def tiktok_event(name="video.upload.failed", user="o"):
            return {"event": name, "user_openid": user, "content": json.dumps({"share_id": "v_inbox.1"})}
        """,
        """
        def tiktok_event(name="post.publish.failed", user="o"):
            return {"event": name, "user_openid": user, "content": json.dumps({"publish_id": "v_inbox.1"})}
        """,
    )


def test_a_walrus_and_a_tuple_of_one() -> None:
    migrated(
        """
        def tiktok(hook):
            if (name := hook.get("event")) in ("video.publish.complete", "video.publish.completed"):
                print(name, json.loads(hook["content"])["share_id"])
        """,
        """
        def tiktok(hook):
            if (name := hook.get("event")) in ("post.publish.complete",):
                print(name, json.loads(hook["content"])["publish_id"])
        """,
    )


def test_quotes_prefixes_and_implicit_concatenation() -> None:
    migrated(
        """
        def tiktok(hook):
            return hook['event'] in ['video.upload.failed', u"video.publish.completed", r'''video.upload.failed''']
        """,
        """
        def tiktok(hook):
            return hook['event'] in ['post.publish.failed', u"post.publish.complete"]
        """,
    )


def test_crlf_and_tabs_survive() -> None:
    before = b'def tiktok(hook):\r\n\tif hook["event"] == "video.upload.failed":\r\n\t\tprint("\xc3\xbc")\r\n'

    after = migrate_source(before).after

    assert after == before.replace(b"video.upload.failed", b"post.publish.failed")


def test_a_parametrized_test_loses_the_second_spelling() -> None:
    migrated(
        """
        @pytest.mark.parametrize("name", ["video.publish.complete", "video.publish.completed", "video.upload.failed"])
        def test_tiktok_events(name):
            assert handle({"event": name, "user_openid": "o", "content": '{"share_id": "s"}'}) == 200
        """,
        """
        @pytest.mark.parametrize("name", ["post.publish.complete", "post.publish.failed"])
        def test_tiktok_events(name):
            assert handle({"event": name, "user_openid": "o", "content": '{"publish_id": "s"}'}) == 200
        """,
    )


def test_a_payload_in_a_json_string() -> None:
    migrated(
        r"""
        PAYLOAD = '{"event": "video.publish.completed", "user_openid": "o", "content": "{\\"share_id\\": \\"s.1\\"}"}'

        def test_hook(client):
            assert client.post("/hook", data=PAYLOAD).status_code == 200
        """,
        r"""
        PAYLOAD = '{"event": "post.publish.complete", "user_openid": "o", "content": "{\\"publish_id\\": \\"s.1\\"}"}'

        def test_hook(client):
            assert client.post("/hook", data=PAYLOAD).status_code == 200
        """,
    )


def test_a_payload_builder_and_its_callers() -> None:
    migrated(
        """
        def tiktok_payload(event, content):
            return {"client_key": "k", "event": event, "create_time": 1, "content": json.dumps(content)}

        def test_done(client):
            client.post("/hook", json=tiktok_payload("video.publish.completed", {"share_id": "s.1"}))
        """,
        """
        def tiktok_payload(event, content):
            return {"client_key": "k", "event": event, "create_time": 1, "content": json.dumps(content)}

        def test_done(client):
            client.post("/hook", json=tiktok_payload("post.publish.complete", {"publish_id": "s.1"}))
        """,
    )


# -- what is read from the content ----------------------------------------------------------------------


def test_content_parsed_twice() -> None:
    migrated(
        """
        def tiktok(hook):
            if hook["event"] == "video.upload.failed":
                content = hook["content"]
                content = json.loads(content) if isinstance(content, str) else content
                if isinstance(content, str):
                    content = json.loads(content)
                return content.get("share_id")
        """,
        """
        def tiktok(hook):
            if hook["event"] == "post.publish.failed":
                content = hook["content"]
                content = json.loads(content) if isinstance(content, str) else content
                if isinstance(content, str):
                    content = json.loads(content)
                return content.get("publish_id")
        """,
    )


def test_content_that_is_never_parsed_is_renamed_and_named() -> None:
    findings = migrated(
        """
        def tiktok(payload):
            if payload.get("event") == "video.upload.failed":
                return payload.get("content", {}).get("share_id")
        """,
        """
        def tiktok(payload):
            if payload.get("event") == "post.publish.failed":
                return payload.get("content", {}).get("publish_id")
        """,
    )

    assert "without a parse" in findings[1].message


def test_content_handed_to_a_function_of_the_project() -> None:
    migrated(
        """
        def process(name, content):
            if name == "video.publish.completed":
                finish(content)

        def finish(content):
            database.finish(content["share_id"])

        def tiktok(request):
            hook = request.json()
            process(hook["event"], json.loads(hook["content"]))
        """,
        """
        def process(name, content):
            if name == "post.publish.complete":
                finish(content)

        def finish(content):
            database.finish(content["publish_id"])

        def tiktok(request):
            hook = request.json()
            process(hook["event"], json.loads(hook["content"]))
        """,
    )


def test_content_returned_by_a_function_of_the_project() -> None:
    migrated(
        """
        def parsed(hook):
            return hook["event"], json.loads(hook["content"])

        def tiktok(hook):
            event, content = parsed(hook)
            if event == "video.upload.failed":
                print(f"failed: {content['share_id']}")
        """,
        """
        def parsed(hook):
            return hook["event"], json.loads(hook["content"])

        def tiktok(hook):
            event, content = parsed(hook)
            if event == "post.publish.failed":
                print(f"failed: {content['publish_id']}")
        """,
    )


def test_content_as_a_pattern() -> None:
    migrated(
        """
        def tiktok(hook):
            match hook:
                case {"event": "video.upload.failed", "content": str(raw)}:
                    pass
            match json.loads(hook["content"]):
                case {"share_id": found}:
                    print(found)
        """,
        """
        def tiktok(hook):
            match hook:
                case {"event": "post.publish.failed", "content": str(raw)}:
                    pass
            match json.loads(hook["content"]):
                case {"publish_id": found}:
                    print(found)
        """,
    )


def test_a_fallback_to_the_old_id_goes() -> None:
    migrated(
        """
        def tiktok(hook):
            content = json.loads(hook["content"])
            if hook["event"] in ("video.upload.failed", "post.publish.failed"):
                return content.get("publish_id") or content.get("share_id")
            return content.get("publish_id", content.get("share_id"))
        """,
        """
        def tiktok(hook):
            content = json.loads(hook["content"])
            if hook["event"] in ("post.publish.failed",):
                return content.get("publish_id")
            return content.get("publish_id")
        """,
    )


def test_own_columns_keep_their_name_and_are_named() -> None:
    findings = migrated(
        """
        def tiktok(hook):
            if hook["event"] == "video.publish.completed":
                share_id = json.loads(hook["content"])["share_id"]
                row.share_id = share_id
                return {"share_id": share_id}
        """,
        """
        def tiktok(hook):
            if hook["event"] == "post.publish.complete":
                share_id = json.loads(hook["content"])["publish_id"]
                row.share_id = share_id
                return {"share_id": share_id}
        """,
    )

    assert "your own share_id keeps its name (module.py:5, module.py:6)" in findings[1].message


def test_a_handler_that_refuses_unknown_events_is_named() -> None:
    findings = migrated(
        """
        def tiktok(hook):
            if hook["event"] == "video.publish.completed":
                finish()
            else:
                return "unknown event", 400
        """,
        """
        def tiktok(hook):
            if hook["event"] == "post.publish.complete":
                finish()
            else:
                return "unknown event", 400
        """,
    )

    assert "answer them with 200" in findings[0].message


def test_a_handler_without_event_names() -> None:
    migrated(
        """
        TIKTOK_EVENTS = {"video.upload.failed"}

        def tiktok(hook):
            seen(hook["event"], json.loads(hook["content"])["share_id"])
        """,
        """
        TIKTOK_EVENTS = {"post.publish.failed"}

        def tiktok(hook):
            seen(hook["event"], json.loads(hook["content"])["publish_id"])
        """,
    )


# -- names that become equal ----------------------------------------------------------------------------


def test_a_handler_that_knows_the_new_name() -> None:
    migrated(
        """
        DONE = {"video.publish.completed", "post.publish.complete"}
        FAILED = frozenset(("post.publish.failed", "video.upload.failed"))

        def tiktok(hook):
            return hook["event"] in DONE or hook["event"] in FAILED
        """,
        """
        DONE = {"post.publish.complete"}
        FAILED = frozenset(("post.publish.failed",))

        def tiktok(hook):
            return hook["event"] in DONE or hook["event"] in FAILED
        """,
    )


def test_both_spellings_in_an_or() -> None:
    migrated(
        """
        def tiktok(event):
            if event["event"] == "video.publish.complete" or event["event"] == "video.publish.completed":
                print(event["user_openid"])
        """,
        """
        def tiktok(event):
            if event["event"] == "post.publish.complete":
                print(event["user_openid"])
        """,
    )


def test_the_old_branch_goes_where_the_new_one_does_the_same() -> None:
    migrated(
        """
        def tiktok(hook):
            name = hook["event"]
            if name == "video.publish.completed":
                finish()
            elif name == "post.publish.complete":
                finish()
            elif name == "authorization.removed":
                forget()
        """,
        """
        def tiktok(hook):
            name = hook["event"]
            if name == "post.publish.complete":
                finish()
            elif name == "authorization.removed":
                forget()
        """,
    )


def test_the_second_spelling_of_a_branch_goes() -> None:
    migrated(
        """
        def tiktok(hook):
            name = hook["event"]
            if name == "video.publish.complete":
                finish(json.loads(hook["content"])["share_id"])
            elif name == "video.publish.completed":
                finish(json.loads(hook["content"])["share_id"])
            else:
                ignore()
        """,
        """
        def tiktok(hook):
            name = hook["event"]
            if name == "post.publish.complete":
                finish(json.loads(hook["content"])["publish_id"])
            else:
                ignore()
        """,
    )


def test_a_table_with_both_spellings_of_one_handler() -> None:
    migrated(
        """
        TIKTOK_HANDLERS = {
            "video.publish.complete": finish,
            "video.publish.completed": finish,
            "video.upload.failed": fail,
        }
        """,
        """
        TIKTOK_HANDLERS = {
            "post.publish.complete": finish,
            "post.publish.failed": fail,
        }
        """,
    )


def test_stacked_decorators_of_both_spellings() -> None:
    migrated(
        """
        @tiktok.on("video.publish.complete")
        @tiktok.on("video.publish.completed")
        def completed(hook):
            print(hook["user_openid"])
        """,
        """
        @tiktok.on("post.publish.complete")
        def completed(hook):
            print(hook["user_openid"])
        """,
    )


def test_a_spare_case_goes() -> None:
    migrated(
        """
        def tiktok(hook):
            match hook["event"]:
                case "video.publish.completed":
                    finish()
                case "post.publish.complete":
                    finish()
                case _:
                    pass
        """,
        """
        def tiktok(hook):
            match hook["event"]:
                case "post.publish.complete":
                    finish()
                case _:
                    pass
        """,
    )


def test_branches_that_differ_are_left() -> None:
    refused(
        """
        def tiktok(hook):
            if hook["event"] == "video.publish.completed":
                finish(hook)
            elif hook["event"] == "post.publish.complete":
                finish_new(hook)
        """,
        Reason.DUPLICATE_EVENT,
    )


def test_an_event_handed_on_as_a_whole() -> None:
    offered(
        """
        from work import finish

        def tiktok(hook):
            if hook["event"] == "video.publish.completed":
                finish(hook)
        """,
        """
        from work import finish

        def tiktok(hook):
            if hook["event"] == "post.publish.complete":
                finish(hook)
        """,
        Reason.UNKNOWN_PAYLOAD,
    )


def test_tests_one_behind_the_other_are_left() -> None:
    refused(
        """
        def tiktok(hook):
            if hook["event"] == "video.publish.completed":
                return finish(hook)
            if hook["event"] == "post.publish.complete":
                return finish_new(hook)
        """,
        Reason.DUPLICATE_EVENT,
    )


def test_entries_that_differ_are_left() -> None:
    refused(
        """
        TIKTOK_HANDLERS = {"video.publish.completed": finish, "post.publish.complete": finish_new}
        """,
        Reason.DUPLICATE_EVENT,
    )


def test_enum_members_that_become_aliases_are_left() -> None:
    refused(
        """
        class TikTokEvent(Enum):
            COMPLETE = "video.publish.complete"
            COMPLETED = "video.publish.completed"
        """,
        Reason.DUPLICATE_EVENT,
    )


def test_a_table_of_successors_is_left() -> None:
    refused(
        """
        TIKTOK_RENAMED = {"video.publish.completed": "post.publish.complete"}
        """,
        Reason.DUPLICATE_EVENT,
    )


def test_two_handlers_for_both_spellings_are_left() -> None:
    refused(
        """
        @tiktok.on("video.publish.complete")
        def one(hook):
            print(hook["user_openid"])

        @tiktok.on("video.publish.completed")
        def two(hook):
            print("two", hook["user_openid"])
        """,
        Reason.DUPLICATE_EVENT,
    )


def test_a_spare_name_with_a_comment_is_left() -> None:
    refused(
        """
        TIKTOK = [
            "video.publish.complete",  # what the notice says
            "video.publish.completed",  # what TikTok sends
        ]

        def tiktok(hook):
            return hook["event"] in TIKTOK
        """,
        Reason.DUPLICATE_EVENT,
    )


def test_a_spare_branch_with_a_comment_is_left() -> None:
    refused(
        """
        def tiktok(hook):
            if hook["event"] == "post.publish.complete":
                finish(hook)
            elif hook["event"] == "video.publish.completed":
                # what TikTok really sends
                finish(hook)
        """,
        Reason.DUPLICATE_EVENT,
    )


# -- what the tool cannot follow ------------------------------------------------------------------------


def test_an_event_that_is_cut_up() -> None:
    refused(
        """
        def tiktok(hook):
            if hook["event"] == "video.upload.failed":
                fail(hook)
            elif hook["event"].split(".")[-1] == "completed":
                finish(hook)
        """,
        Reason.UNKNOWN_EVENT_USE,
    )


def test_an_event_tested_by_its_start() -> None:
    refused(
        """
        def tiktok(hook):
            name = hook["event"]
            if name.startswith("video."):
                if name == "video.upload.failed":
                    fail(hook)
        """,
        Reason.UNKNOWN_EVENT_USE,
    )


def test_a_start_that_means_the_same_before_and_after() -> None:
    migrated(
        """
        def tiktok(hook):
            name = hook["event"]
            if name.startswith("authorization."):
                forget()
            elif name == "video.upload.failed":
                fail()
        """,
        """
        def tiktok(hook):
            name = hook["event"]
            if name.startswith("authorization."):
                forget()
            elif name == "post.publish.failed":
                fail()
        """,
    )


def test_a_part_looked_for_in_the_event() -> None:
    refused(
        """
        def tiktok(hook):
            if hook["event"] == "video.upload.failed" or "completed" in hook["event"]:
                print(hook["user_openid"])
        """,
        Reason.UNKNOWN_EVENT_USE,
    )


def test_a_composed_name() -> None:
    refused(
        """
        def tiktok(hook):
            seen.add("video.publish.completed" + ":" + hook["user_openid"])
        """,
        Reason.UNKNOWN_EVENT_USE,
    )


def test_a_payload_whose_text_is_changed() -> None:
    refused(
        """
        PAYLOAD = '{"event": "video.publish.completed", "user_openid": "o", "content": "{}"}'

        def test_failed(client):
            client.post("/hook", data=PAYLOAD.replace("publish.completed", "upload.failed"))
        """,
        Reason.UNKNOWN_EVENT_USE,
    )


def test_a_list_in_a_string() -> None:
    refused(
        """
        TIKTOK_EVENTS = os.getenv("TIKTOK_EVENTS", "video.upload.failed,video.publish.completed").split(",")
        """,
        Reason.UNKNOWN_EVENT_USE,
    )


def test_an_event_the_program_sends_itself() -> None:
    findings = refused(
        """
        def tiktok_done(bus, share):
            bus.publish("video.publish.completed", share)
        """,
        Reason.UNKNOWN_EVENT_USE,
    )

    assert "handed to bus.publish" in findings[0].message


def test_a_listener_of_the_programs_own_bus() -> None:
    findings = refused(
        """
        SIGNATURE = "TikTok-Signature"

        def finish(bus, share):
            bus.publish("video.publish.completed", share)

        def listen(bus):
            bus.subscribe("video.publish.completed", print)
        """,
        Reason.UNKNOWN_EVENT_USE,
    )

    assert [finding.span.line for finding in findings] == [5, 8]


def test_an_event_that_tiktok_never_sent() -> None:
    findings = refused(
        """
        def tiktok(hook):
            if hook["event"] == "video.publish.completed" or hook["event"].endswith("completed"):
                finish()
            elif hook["event"] == "video.publish.failed":
                fail()
        """,
        Reason.UNKNOWN_EVENT_USE,
    )

    assert "TikTok never had a webhook event video.publish.failed" in findings[1].message


def test_a_model_of_the_content_is_named() -> None:
    findings = refused(
        """
        class TikTokContent(BaseModel):
            share_id: str

        def tiktok(hook):
            if hook["event"] == "video.publish.completed":
                content = TikTokContent.model_validate_json(hook["content"])
                print(content.share_id)
        """,
        Reason.UNKNOWN_PAYLOAD,
    )

    assert "a TikTokContent, which has a field share_id (module.py:3)" in findings[0].message


def test_a_typed_dict_of_the_content_is_named() -> None:
    refused(
        """
        class Content(TypedDict):
            share_id: str

        def tiktok(hook):
            content: Content = json.loads(hook["content"])
            if hook["event"] == "video.publish.completed":
                print(content["share_id"])
        """,
        Reason.UNKNOWN_PAYLOAD,
    )


def test_a_key_that_is_written_elsewhere() -> None:
    refused(
        """
        KEY = "share_id"

        def tiktok(hook):
            if hook["event"] == "video.publish.completed":
                print(json.loads(hook["content"])[KEY])
        """,
        Reason.UNKNOWN_PAYLOAD,
    )


def test_a_loop_over_the_content() -> None:
    refused(
        """
        def tiktok(hook):
            if hook["event"] == "video.publish.completed":
                for key, value in json.loads(hook["content"]).items():
                    if key == "share_id":
                        print(value)
        """,
        Reason.UNKNOWN_PAYLOAD,
    )


def test_a_name_put_together_in_an_f_string() -> None:
    refused(
        """
        def tiktok(hook, state):
            if hook["event"] == f"video.publish.{state}" or hook["event"] == "video.upload.failed":
                print(hook["user_openid"])
        """,
        Reason.UNKNOWN_EVENT_USE,
    )


def test_an_id_read_from_the_envelope() -> None:
    refused(
        """
        def tiktok(hook):
            if hook["event"] == "video.publish.completed":
                print(hook["share_id"])
        """,
        Reason.UNKNOWN_PAYLOAD,
    )


def test_an_id_read_under_an_invented_key() -> None:
    refused(
        """
        def tiktok(hook):
            if hook["event"] == "video.publish.completed":
                print(hook["data"]["share_id"])
        """,
        Reason.UNKNOWN_PAYLOAD,
    )


def test_an_id_that_is_taken_apart() -> None:
    refused(
        """
        def tiktok(hook):
            if hook["event"] == "video.publish.completed":
                number = json.loads(hook["content"])["share_id"].split(".")[1]
                print(number)
        """,
        Reason.UNKNOWN_PAYLOAD,
    )


def test_a_function_that_is_also_called_with_something_else() -> None:
    refused(
        """
        def finish(content):
            print(content["share_id"])

        def from_database(row):
            finish(row.as_dict())

        def tiktok(hook):
            if hook["event"] == "video.publish.completed":
                finish(json.loads(hook["content"]))
        """,
        Reason.UNKNOWN_PAYLOAD,
    )


def test_an_id_in_a_link() -> None:
    findings = offered(
        """
        def tiktok(hook):
            if hook["event"] == "video.publish.completed":
                content = json.loads(hook["content"])
                print(f"https://www.tiktok.com/@me/video/{content['share_id']}")
        """,
        """
        def tiktok(hook):
            if hook["event"] == "post.publish.complete":
                content = json.loads(hook["content"])
                print(f"https://www.tiktok.com/@me/video/{content['publish_id']}")
        """,
        Reason.UNKNOWN_PAYLOAD,
    )

    assert any("works neither with share_id nor with publish_id" in f.message for f in findings)


def test_content_that_leaves_sight() -> None:
    offered(
        """
        def tiktok(hook):
            if hook["event"] == "video.publish.completed":
                queue.put(json.loads(hook["content"]))
        """,
        """
        def tiktok(hook):
            if hook["event"] == "post.publish.complete":
                queue.put(json.loads(hook["content"]))
        """,
        Reason.UNKNOWN_PAYLOAD,
    )


def test_a_stored_name() -> None:
    offered(
        """
        def tiktok_pending():
            return Hook.objects.filter(name="video.publish.completed")
        """,
        """
        def tiktok_pending():
            return Hook.objects.filter(name="post.publish.complete")
        """,
        Reason.UNKNOWN_EVENT_USE,
    )


# -- more than one file ---------------------------------------------------------------------------------


def test_constants_of_another_module() -> None:
    after, findings = project(
        {
            "events.py": 'FAILED = "video.upload.failed"\nDONE = "video.publish.completed"\n',
            "hooks.py": """\
                import events
                from events import DONE

                def tiktok(hook):
                    if hook["event"] == DONE:
                        print(json.loads(hook["content"])["share_id"])
                    elif hook["event"] == events.FAILED:
                        print("failed")
                """,
        }
    )

    assert after["events.py"] == 'FAILED = "post.publish.failed"\nDONE = "post.publish.complete"\n'
    assert '["publish_id"]' in after["hooks.py"]
    assert {finding.fix for finding in findings} == {Fix.SAFE}
    assert len({finding.site for finding in findings}) == 1


def test_content_read_in_another_module() -> None:
    after, _ = project(
        {
            "store.py": 'def finish(content):\n    return content["share_id"]\n',
            "hooks.py": """\
                from store import finish

                def tiktok(hook):
                    if hook["event"] == "video.publish.completed":
                        finish(json.loads(hook["content"]))
                """,
        }
    )

    assert after["store.py"] == 'def finish(content):\n    return content["publish_id"]\n'


def test_a_sign_in_another_file_is_not_enough() -> None:
    files = {
        "hooks.py": 'def tiktok(hook):\n    return hook["user_openid"]\n',
        "player.py": 'import hooks\n\ndef on_event(name):\n    return name == "video.publish.completed"\n',
    }

    after, findings = project(files)

    assert after == files
    assert [(finding.path, finding.fix, finding.reason) for finding in findings] == [
        ("player.py", Fix.UNSAFE, Reason.NO_EVIDENCE)
    ]


def test_two_handlers_are_two_sites() -> None:
    after, findings = project(
        {
            "tiktok.py": """\
                def one(hook):
                    return hook["event"] == "video.upload.failed"

                def two(hook):
                    return hook["event"].startswith("video.") or hook["event"] == "video.upload.failed"
                """,
        }
    )

    assert after["tiktok.py"].count("post.publish.failed") == 1
    assert [finding.fix for finding in findings] == [Fix.SAFE, Fix.MANUAL]


# -- what is no business of ours ------------------------------------------------------------------------


def test_an_i18n_key() -> None:
    untouched('LABELS = {"video.upload.failed": "Upload failed", "video.publish.completed": "Published"}\n')


def test_an_own_event_enum() -> None:
    untouched(
        """
        class DomainEvent(str, Enum):
            USER_CREATED = "user.created"
            VIDEO_PUBLISHED = "video.publish.completed"
        """
    )


def test_an_own_bus() -> None:
    untouched(
        """
        def finish(bus, video):
            bus.publish("video.publish.completed", {"share_id": video.share_id})
        """
    )


def test_a_comment_is_no_sign() -> None:
    untouched(
        """
        # unlike TikTok's user_openid, our users have numbers
        def on_event(name):
            return name == "video.publish.completed"
        """
    )


def test_a_docstring_is_no_sign_and_no_finding() -> None:
    untouched(
        '''
        def on_event(name):
            """Handles "video.publish.completed", as TikTok's webhook would."""
            return name == "video.upload.failed"
        '''
    )


def test_another_vendor() -> None:
    untouched(
        """
        @app.post("/webhooks/mux")
        def receive(request):
            hook = request.json()
            if hook["type"] == "video.upload.failed":
                print(hook["data"]["id"])
        """
    )


def test_another_vendor_beside_tiktok() -> None:
    after, findings = project(
        {
            "hooks.py": """\
                def vimeo_hook(hook):
                    return hook["type"] == "video.upload.failed"

                def tiktok_hook(hook):
                    return hook["user_openid"]
                """,
        },
        unsafe=True,
    )

    assert "video.upload.failed" in after["hooks.py"]
    assert findings == ()


def test_a_log_message() -> None:
    untouched(
        """
        def tiktok(hook):
            logger.info("waiting for video.publish.completed of %s", hook["user_openid"])
        """
    )


def test_a_longer_name() -> None:
    untouched(
        """
        def tiktok(hook):
            return hook["event"] in ("shop.video.upload.failed", "video.publish.completed.v2", hook["user_openid"])
        """
    )


def test_new_names_only() -> None:
    untouched(
        """
        def tiktok(hook):
            if hook["event"] == "post.publish.complete":
                print(json.loads(hook["content"])["publish_id"])
        """
    )


def test_share_id_of_an_own_interface() -> None:
    untouched(
        """
        @app.get("/tiktok/shares")
        def shares():
            return {"share_id": request.args.get("share_id"), "content": request.args["content"]}
        """
    )


def test_share_id_of_the_business_api() -> None:
    untouched(
        """
        def tiktok_business_publish(client, url):
            answer = client.post("https://business-api.tiktok.com/open_api/v1.3/business/video/publish/", json=url)
            return answer.json()["data"]["share_id"], answer.content
        """
    )


def test_share_id_of_a_message() -> None:
    untouched(
        """
        def show(message):
            content = json.loads(message["content"])
            return content["share_id"]
        """
    )


def test_an_orm_column() -> None:
    untouched(
        """
        class TikTokShare(Model):
            share_id = CharField()
            content = TextField()

        def tiktok_share(share_id):
            return TikTokShare.objects.get(share_id=share_id).share_id
        """
    )


def test_the_own_answer_of_a_view_under_test() -> None:
    untouched(
        """
        def test_tiktok_answer(client):
            answer = client.post("/tiktok/hook", json={"content": "{}"})
            assert answer.json()["share_id"] == "s.1"
        """
    )


def test_a_chat_message_with_an_event() -> None:
    untouched(
        """
        def relay(message):
            if message["event"] == "shared":
                return message["content"]["share_id"]
        """
    )


def test_a_feature_flag() -> None:
    untouched('FLAGS = ["video.upload.failed", "video.upload.retry"]\n')


def test_a_metric_name() -> None:
    untouched('def count(statsd):\n    statsd.increment("video.upload.failed")\n')


def test_an_own_permission() -> None:
    untouched('@requires("video.publish.complete")\ndef finish(request):\n    return request.user\n')


def test_a_topic_of_a_queue() -> None:
    untouched(
        """
        def consume(channel):
            channel.queue_bind("workers", routing_key="video.publish.completed")
        """
    )


def test_a_settings_key() -> None:
    untouched('RETRY = {"video.upload.failed": 3}\n\ndef retries(name):\n    return RETRY.get(name, 0)\n')


def test_a_pytest_of_an_own_event() -> None:
    untouched(
        """
        def test_event_name():
            assert VideoPublished().name == "video.publish.completed"
        """
    )


def test_tiktok_in_a_comment_beside_a_share_id() -> None:
    untouched(
        """
        def link(pan):  # for TikTok
            return pan["content"]["share_id"]
        """
    )


def test_a_share_id_in_own_json() -> None:
    untouched(
        """
        def load(text):
            document = json.loads(text)
            return document["event"], document["share_id"]
        """
    )


def test_a_celery_task_name() -> None:
    untouched('@app.task(name="video.upload.failed")\ndef task():\n    pass\n')


def test_an_empty_file() -> None:
    untouched("")
