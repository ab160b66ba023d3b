# SPDX-License-Identifier: Apache-2.0
"""What an error page says in Chinese: an error's own sentence is English, and may be as precise as it likes."""

from __future__ import annotations

from itertools import chain

from verifier.protocol.fields import Text
from verifier.web.api import codes
from verifier.web.reasons import REASONS

_OF_PAGES: dict[str, Text] = {
    "bad_form": Text(zh="表单没有完整送达，请返回重试。", en="The form did not arrive whole. Go back and try again."),
    "forbidden": Text(
        zh="这个表单不是从本站页面发出的。请在查验页上重新操作。",
        en="The form was not sent from a page of this site. Use the check page.",
    ),
    "photo_too_large": Text(zh="有一张照片太大，请换一张小一些的。", en="A photo is too large: choose a smaller one."),
    "too_many_photos": Text(zh="照片太多，最多 10 张。", en="Too many photos: 10 at most."),
    "too_many_streams": Text(
        zh="实时连接已满，请稍后再试。", en="All live connections are taken. Try again in a few seconds."
    ),
}


def _declared() -> dict[str, Text]:
    groups = (value if isinstance(value, tuple) else (value,) for value in vars(codes).values())
    return {one.code: one.about for one in chain.from_iterable(groups) if isinstance(one, codes.ProblemCode)}


PROBLEM_WORDS: dict[str, Text] = {**REASONS, **_declared(), **_OF_PAGES}
"""By code. A code without a row is shown with its English sentence."""
