"""Answers that become objects of the project's own classes, and the classes that change with them."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from checks import project
from share2post import Finding, Fix, Reason

CLIENT = """\
import requests
{imports}

def upload(path, token, open_id):
    with open(path, "rb") as video:
        response = requests.post(
            "https://open-api.tiktok.com/share/video/upload/",
            params={{"access_token": token, "open_id": open_id}},
            files={{"video": video}},
        )
"""
RECORD = """
from dataclasses import dataclass


@dataclass
class Answer:
    share_id: str | None = None
    error_code: int = 0
    error_msg: str | None = None
"""
BUILD = """
data = response.json()["data"]
return Answer(share_id=data.get("share_id"), error_code=data["error_code"])
"""
MIRROR = """
from pydantic import BaseModel


class Data(BaseModel):
    share_id: str | None = None
    error_code: int = 0
    error_msg: str | None = None


class Extra(BaseModel):
    logid: str = ""


class Answer(BaseModel):
    data: Data
    extra: Extra
"""
PARSE = "return Answer.model_validate(response.json())"


def files(
    models: str, made: str, use: str = "", imports: str = "from models import Answer"
) -> dict[str, str]:
    """A project: its classes, the upload that makes one of them, and a program that reads it."""
    client = CLIENT.format(imports=imports) + indent(dedent(made).strip("\n"), "    ") + "\n"
    start = "from client import upload\nfrom models import *\n\nres = upload('a', 'b', 'c')\n"
    return {
        "client.py": client,
        "models.py": dedent(models),
        "main.py": start + dedent(use).strip("\n") + "\n",
    }


def moved(
    models: str, made: str, use: str = "", imports: str = "from models import Answer"
) -> dict[str, str]:
    """The files after a rewrite that is safe."""
    after, findings = project(files(models, made, use, imports))

    assert {finding.fix for finding in findings} == {Fix.SAFE}
    return after


def stays(models: str, made: str, use: str = "", **others: str) -> Finding:
    """The first finding of a project that is left byte for byte alone."""
    before = files(models, made, use) | {f"{name}.py": text for name, text in others.items()}
    after, findings = project(before, unsafe=True)

    assert after == {path: dedent(text) for path, text in before.items()}
    assert {finding.fix for finding in findings} == {Fix.MANUAL}
    return findings[0]


# objects made of single values


def test_a_record_keeps_its_names_and_its_code_becomes_a_word() -> None:
    after = moved(RECORD, BUILD, "if res.error_code:\n    print(res.error_msg)\nprint(res.share_id)")

    assert '    error_code: str = "ok"\n' in after["models.py"]
    assert "    share_id: str | None = None\n" in after["models.py"]
    assert (
        'share_id=(data.get("data") or {}).get("publish_id"), error_code=data["error"]["code"]'
        in after["client.py"]
    )
    assert after["main.py"].endswith(
        "if res.error_code != 'ok':\n    print(res.error_msg)\nprint(res.share_id)\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("ok = res.error_code == 0", "ok = res.error_code == 'ok'"),
        ("bad = not res.error_code", "bad = res.error_code == 'ok'"),
        ("rs = [res.error_code in (20000, 20002)]", "('access_token_invalid', 'scope_not_authorized')"),
        ("def f(r):\n    return r.error_code == 0\nf(res)", "return r.error_code == 'ok'"),
        ("rs = []\nrs.append(res)\nprint([r for r in rs if r.error_code == 0])", "if r.error_code == 'ok'"),
        ("other = Answer(error_code=20000)", "other = Answer(error_code='access_token_invalid')"),
    ],
)
def test_a_code_is_found_wherever_the_record_goes(before: str, after: str) -> None:
    assert after in moved(RECORD, BUILD, before)["main.py"]


def test_methods_and_properties_of_a_record() -> None:
    methods = """
    @property
    def code(self) -> int:
        return self.error_code

    def fine(self):
        return not self.error_code

    def number(self):
        return self.error_code
"""
    after = moved(RECORD + methods, BUILD, "print(res.fine(), res.code != 20002, res.number() == 0)")

    assert "def code(self) -> str:" in after["models.py"]
    assert 'return self.error_code == "ok"' in after["models.py"]
    assert "res.code != 'scope_not_authorized', res.number() == 'ok'" in after["main.py"]


def test_a_plain_class_whose_init_keeps_its_parameters() -> None:
    models = """
    class Answer:
        def __init__(self, ident, status=0):
            self.ident = ident
            self.code = status
    """
    made = 'data = response.json()["data"]\nreturn Answer(data.get("share_id"), status=data["error_code"])'
    after = moved(models, made, "print(res.code == 0)")

    assert 'status="ok"):' in after["models.py"]
    assert "res.code == 'ok'" in after["main.py"]


@pytest.mark.parametrize(
    "use",
    [
        "print(getattr(res, 'error_code'))",
        "print(res.error_code > 0)",
        "print('%d' % res.error_code)",
        "res.error_code = len('ab')",
        "print([r.share_id for r in (res, res) if r.error_code == 0])",
        "print((lambda r: r.error_code == 0)(res))",
        "match res:\n    case Answer(error_code=0):\n        print(1)",
        "class Worse(Answer):\n    pass",
        "print(Answer(error_code=len('ab')))",
        "print(Answer(**{'error_code': 3}).error_code)",
        "TABLE = {0: Answer}",
        "print(res.error_code == 50001)",
    ],
)
def test_a_record_stays_where_its_code_is_used_otherwise(use: str) -> None:
    finding = stays(RECORD, BUILD, use)

    assert finding.reason in (Reason.UNKNOWN_READ, Reason.NUMERIC_CODE, Reason.RESPONSE_ESCAPES)
    assert "main.py" in finding.message


@pytest.mark.parametrize("annotation", ["Literal[0, 20000]", "Codes", "conint(ge=0)"])
def test_a_record_stays_whose_field_takes_only_some_values(annotation: str) -> None:
    assert "takes only some values" in stays(RECORD.replace("int", annotation), BUILD).message


NAMED = """
from typing import NamedTuple


class Answer(NamedTuple):
    share_id: str | None = None
    error_code: int = 0
    error_msg: str | None = None
"""


def test_a_named_tuple_by_name_by_index_and_taken_apart() -> None:
    after = moved(
        NAMED, BUILD, "print(res.error_code == 0, res[1] == 0)\nident, code, text = res\nprint(not code)"
    )

    assert "print(res.error_code == 'ok', res[1] == 'ok')" in after["main.py"]
    assert "print(code == 'ok')" in after["main.py"]


@pytest.mark.parametrize(
    "use",
    [
        "ident, *rest = res",
        "print(res[:2])",
        "print(res == ('x', 0, None))",
        "print(0 in res)",
        "for value in res:\n    print(value)",
        "print(res._asdict()['error_code'])",
    ],
)
def test_a_named_tuple_stays_where_it_is_used_as_a_tuple(use: str) -> None:
    stays(NAMED, BUILD, use)


@pytest.mark.parametrize(
    "use",
    [
        "def show(r):\n    print(r.error_code == 0)\nshow(res)\nshow(other)",
        "print(res.__dict__['error_code'])",
        "print(res != 0)",
    ],
)
def test_a_record_stays_where_other_things_may_take_its_place(use: str) -> None:
    stays(RECORD, BUILD, use)


def test_a_function_that_may_return_something_else() -> None:
    stays(RECORD, "if not response.ok:\n    return fallback()\n" + BUILD, "print(res.error_code == 0)")


def test_class_methods_make_records_too() -> None:
    method = "\n    @classmethod\n    def unknown(cls, n):\n        return cls(error_code={})\n"
    use = "from models import Answer\nprint(res.error_code == 0, Answer.unknown(1).error_code == 0)"
    after = moved(RECORD + method.format("20000"), BUILD, use)

    assert "return cls(error_code='access_token_invalid')" in after["models.py"].replace('"', "'")
    assert "made here too" in stays(RECORD + method.format("n"), BUILD, use).message


def test_a_module_that_only_makes_such_records_has_a_say() -> None:
    finding = stays(
        RECORD, BUILD, fakes="from models import Answer\n\ndef fake(n):\n    return Answer(error_code=n)\n"
    )

    assert "fakes.py:4" in finding.message


def test_two_uploads_that_make_the_same_record_go_together() -> None:
    before = files(RECORD, BUILD, "print(res.error_code == 0, again('a', 'b', 'c').error_code)")
    before["second.py"] = before["client.py"].replace("def upload", "def again")
    before["main.py"] = "from second import again\n" + before["main.py"]
    after, findings = project(before)

    assert {finding.fix for finding in findings} == {Fix.SAFE}
    assert after["models.py"].count('error_code: str = "ok"') == 1


def test_a_record_beside_an_upload_that_is_left_stays_too() -> None:
    before = files(RECORD, BUILD)
    before["second.py"] = (
        before["client.py"]
        .replace("def upload", "def again")
        .replace("    data = ", "    print(response.region)\n    data = ", 1)
    )
    after, findings = project(before, unsafe=True)

    assert after == before
    assert {finding.fix for finding in findings} == {Fix.MANUAL}


def test_data_that_is_spread_into_a_record_is_written_out() -> None:
    after = moved(RECORD, 'return Answer(**response.json()["data"])', "print(res.error_code == 0)")

    assert after["client.py"].endswith(
        dedent("""\
            answer = response.json()
            return Answer(
                share_id=(answer.get("data") or {}).get("publish_id"),
                error_code=answer["error"]["code"],
                error_msg=answer["error"]["message"] or None,
            )
        """)
        .replace("\n", "\n    ")
        .join(["    ", ""])
        .removesuffix("    ")
    )


def test_data_that_lacks_a_field_of_the_record_is_not_spread() -> None:
    models = RECORD.replace("    share_id", "    region: str\n    share_id")

    assert "its field region" in stays(models, 'return Answer(**response.json()["data"])').message


# dicts and generators


def test_a_dict_of_the_programs_own() -> None:
    made = """
    data = response.json()["data"]
    if data["error_code"]:
        return {"id": "", "code": data["error_code"]}
    return {"id": data["share_id"], "code": 0}
    """
    after = moved("", made, "print(res.get('code', 1) == 0, res['id'])", imports="")

    assert 'return {"id": data["data"]["publish_id"], "code": "ok"}' in after["client.py"]
    assert "res.get('code', 1) == 'ok'" in after["main.py"]


@pytest.mark.parametrize(
    "made",
    [
        'if not response.ok:\n    return {"code": -1 * len(data)}\nreturn {"code": data["error_code"]}',
        'return {"a": {"code": data["error_code"]}}',
        'out = {"code": data["error_code"]}\nout["code"] = len(out)\nreturn out',
    ],
)
def test_a_dict_with_codes_of_other_origin_stays(made: str) -> None:
    stays("Answer = dict", 'data = response.json()["data"]\n' + made, "print(res['code'] == 0)")


def test_a_generator_of_codes() -> None:
    made = 'data = response.json()["data"]\nyield data["error_code"], data.get("share_id")'
    after = moved("", made, "for code, ident in res:\n    print(ident if not code else '')", imports="")

    assert "ident if code == 'ok' else ''" in after["main.py"]


# objects made of the whole answer


def test_a_mirror_changes_with_the_answer() -> None:
    use = "if res.data.error_code:\n    print(res.data.error_msg, res.extra.logid)\nprint(res.data.share_id)"
    after = moved(MIRROR, PARSE, use)

    assert after["main.py"].endswith(
        "if res.error.code != 'ok':\n    print(res.error.message, res.error.log_id)\nprint(res.data.publish_id)\n"
    )
    assert after["models.py"] == dedent("""
        from pydantic import BaseModel


        class Data(BaseModel):
            publish_id: str | None = None


        class AnswerError(BaseModel):
            code: str | None = None
            message: str | None = None
            log_id: str | None = None


        class Answer(BaseModel):
            data: Data = Data()
            error: AnswerError
        """)


@pytest.mark.parametrize(
    ("made", "imports"),
    [
        ("return Answer(**response.json())", ""),
        ("return Answer.parse_obj(response.json())", ""),
        ("return Answer.parse_raw(response.content)", ""),
        ("return Answer.model_validate_json(response.text)", ""),
        ("return TypeAdapter(Answer).validate_python(response.json())", "from pydantic import TypeAdapter"),
        ("body = response.json()\nreturn dacite.from_dict(data_class=Answer, data=body)", "import dacite"),
        ("return from_dict(Answer, response.json())", "from dacite import from_dict"),
        ("return cattrs.structure(response.json(), Answer)", "import cattrs"),
        ("return converter.structure(response.json(), Answer)", "from models import converter"),
        ("return msgspec.json.decode(response.content, type=Answer)", "import msgspec"),
        ("return msgspec.convert(response.json(), Answer)", "import msgspec"),
    ],
)
def test_ways_to_parse(made: str, imports: str) -> None:
    models = MIRROR + "\n\nconverter = object()\n"
    after = moved(models, made, "print(res.data.error_code == 0)", "from models import Answer\n" + imports)

    assert "res.error.code == 'ok'" in after["main.py"]


def test_a_shared_base_that_parses_is_left_as_it_is() -> None:
    models = MIRROR.replace(
        "class Data(BaseModel)",
        "class Base(BaseModel):\n    @classmethod\n    def read(cls, data):\n        if not data:\n"
        "            return None\n        return cls.model_validate(data)\n\n\nclass Data(Base)",
    ).replace("class Answer(BaseModel)", "class Answer(Base)")
    after = moved(models, "return Answer.read(response.json())", "print(res.data.share_id)")

    assert "        return cls.model_validate(data)\n" in after["models.py"]
    assert "res.data.publish_id" in after["main.py"]


def test_a_part_that_is_shared_with_another_answer_is_left_and_a_new_one_written() -> None:
    models = MIRROR + "\n\nclass Other(BaseModel):\n    extra: Extra\n"
    after = moved(models, PARSE, "print(res.extra.logid)")

    assert 'class Extra(BaseModel):\n    logid: str = ""\n' in after["models.py"]
    assert "class AnswerError(BaseModel):" in after["models.py"]
    assert "class Other(BaseModel):\n    extra: Extra\n" in after["models.py"]


def test_an_alias_keeps_the_name() -> None:
    models = MIRROR.replace("BaseModel\n\n", "BaseModel, Field\n\n", 1).replace(
        "share_id: str | None = None", 'ident: str | None = Field(None, alias="share_id")'
    )
    after = moved(models, PARSE, "print(res.data.ident)")

    assert 'ident: str | None = Field(None, alias="publish_id")' in after["models.py"]
    assert "print(res.data.ident)" in after["main.py"]


def test_a_strict_class_gets_a_field_for_the_upload_url() -> None:
    models = MIRROR.replace("class Data(BaseModel):", 'class Data(BaseModel, extra="forbid"):')
    after = moved(models, PARSE, "print(res.data.share_id)")

    assert "    publish_id: str | None = None\n    upload_url: str | None = None\n" in after["models.py"]


def test_a_required_id_stays_required() -> None:
    models = MIRROR.replace("share_id: str | None = None", "share_id: str")
    after = moved(models, "response.raise_for_status()\n" + PARSE, "print(res.data.share_id)")

    assert "    publish_id: str\n" in after["models.py"]
    assert "    data: Data\n    error: AnswerError\n" in after["models.py"]


def test_a_name_for_the_part_is_parted_where_it_serves_both() -> None:
    after = moved(MIRROR, PARSE, "d = res.data\nif d.error_code:\n    print(d.error_msg)\nprint(d.share_id)")

    assert after["main.py"].endswith(
        "d = res.data\nerror = res.error\nif error.code != 'ok':\n    print(error.message)\nprint(d.publish_id)\n"
    )


@pytest.mark.parametrize(
    "use",
    [
        "print(getattr(res.data, 'share_id'))",
        "print(res.data.dict()['share_id'], res.dict()['data']['share_id'])",
        "for name, value in res.data:\n    print(name, value)",
        "res.data.share_id = 'x'",
        "print(Answer(**{'data': {'share_id': '1'}, 'extra': {}}).data.share_id)",
        "class Job(Answer):\n    pass",
        "print('{r.data.share_id}'.format(r=res))",
        "print(res.data.region)",
        "print(int(res.data.error_code))",
    ],
)
def test_a_mirror_stays_where_it_is_used_otherwise(use: str) -> None:
    finding = stays(MIRROR, PARSE, use)

    assert "main.py" in finding.message


@pytest.mark.parametrize(
    "models",
    [
        MIRROR + "\n\nclass Other(BaseModel):\n    data: Data\n",
        MIRROR + "\n\nclass Other(BaseModel):\n    data: 'Data | None'\n",
        MIRROR.replace("    error_code: int = 0", "    error_code: int = 0  # zero is fine"),
        MIRROR.replace("    error_msg", "    region: str\n    error_msg"),
        MIRROR.replace(
            "class Extra",
            "    @validator('error_code')\n    def known(cls, v):\n        return v\n\n\nclass Extra",
        ),
        MIRROR.replace("class Answer(BaseModel)", "class Answer(Generated)"),
        MIRROR.replace("    data: Data", "    data: dict"),
        MIRROR + "\n    @property\n    def error(self):\n        return self.data.error_msg\n",
        MIRROR.replace("share_id: str", "publish_id: int = 0\n    share_id: str"),
        "from __future__ import annotations\n"
        + MIRROR[MIRROR.index("class Answer") :]
        + MIRROR[: MIRROR.index("class Answer")],
        MIRROR + "\n    class Config:\n        alias_generator = str.title\n",
    ],
)
def test_a_mirror_stays_where_its_class_says_more(models: str) -> None:
    finding = stays(models, PARSE, "print(res.data)")

    assert finding.reason in (Reason.UNKNOWN_READ, Reason.RESPONSE_ESCAPES)


def test_a_model_inside_an_object_of_the_programs_own() -> None:
    models = MIRROR + "\n\n@dataclass\nclass Job:\n    path: str\n    answer: Answer\n"
    models = models.replace("from pydantic", "from dataclasses import dataclass\nfrom pydantic")
    made = "return Job(path, answer=Answer.model_validate(response.json()))"
    after = moved(models, made, "print(res.answer.data.error_code == 0)", "from models import Answer, Job")

    assert "res.answer.error.code == 'ok'" in after["main.py"]


def test_a_model_that_leaves_the_project_waits_for_consent() -> None:
    before = files(MIRROR, PARSE)
    before["main.py"] = ""
    after, findings = project(before)

    assert after == {path: dedent(text) for path, text in before.items()}
    assert {finding.fix for finding in findings} == {Fix.UNSAFE}
    assert "is returned from upload" in findings[0].message


# TypedDict


TYPED = """
from typing import TypedDict


class Data(TypedDict, total=False):
    share_id: str
    error_code: int


class Answer(TypedDict):
    data: Data
"""


@pytest.mark.parametrize(
    "made", ["answer: Answer = response.json()\nreturn answer", "return typing.cast(Answer, response.json())"]
)
def test_the_type_of_a_dict_changes_with_it(made: str) -> None:
    after = moved(
        TYPED, made, "print(res['data']['error_code'] == 0)", "import typing\nfrom models import Answer"
    )

    assert "res['error']['code'] == 'ok'" in after["main.py"]
    assert "    data: Data\n    error: AnswerError\n" in after["models.py"]


def test_an_adapter_of_its_own_keeps_the_class() -> None:
    models = MIRROR + "\n\nadapter = TypeAdapter(Answer)\n"
    imported = "from pydantic import BaseModel, TypeAdapter"
    made = "from models import adapter\nreturn adapter.validate_python(response.json())"

    stays(models.replace("from pydantic import BaseModel", imported), made, "print(res.data.share_id)")


def test_the_type_of_other_dicts_too_stays() -> None:
    made = "answer: Answer = response.json()\nreturn answer"
    finding = stays(TYPED, made, "old: Answer = {'data': {}}")

    assert "has the type Answer" in finding.message
