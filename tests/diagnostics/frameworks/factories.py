"""A small framework of one area, two dimensions and three levels, written into a folder."""

from diagnostics.framework import parse_framework
from diagnostics.frameworks.reading import read_questionnaire

HEAD = """
code = "own"
version = 3
zh = "本县框架"
en = "Own"
source = "made up"
status = "assumption"
answers_needed = 50
target = []

[[area]]
code = "K"
zh = "课堂"
en = "Class"

[[dimension]]
code = "K1"
area = "课堂"
area_en = "Class"
zh = "提问"
en = "Questions"

[[dimension]]
code = "K2"
area = "课堂"
area_en = "Class"
zh = "板书"
en = "Writing"

[[level]]
level = 1
zh = "起步"
en = "starting"

[[level]]
level = 2
zh = "胜任"
en = "able"

[[level]]
level = 3
zh = "熟练"
en = "skilled"

[model]
base_rates = ["0.2", "0.5", "0.3"]
self_lean = "0"
self_lean_sd = "0.75"
self_noise_sd = "0.75"
observer_severity_sd = "0.6"
observer_noise_sd = "0.6"
minimum_ratings = 2
minimum_observers = 1
minimum_group = 5
"""

TABLES = {
    "words": "用词,学段,中文,英文\n学生,,学生,pupils\n学生,学前教育,幼儿,children\n",
    "descriptors": "维度,等级,学段,中文,英文\n"
    "K1,1,,照着问,asks from a list\nK1,2,,问得清楚,asks clearly\nK1,3,,会追问,asks further\n"
    "K2,1,,写不全,incomplete\nK2,2,,写得清楚,clear\nK2,3,,边写边理思路,shapes thought\n",
    "scales": "量表,选项序号,中文,英文\n"
    "do,0,您做得到吗？,Do you manage?\ndo,1,不能,no\ndo,2,有时,sometimes\ndo,3,能,yes\n"
    "pick,0,请选一项。,Choose.\npick,1,甲,a\npick,2,乙,b\n",
    "items": "题号,维度,题型,量表,中文,英文,学段,反向,预期等级,答案,状态,出处\n"
    "K1-1,K1,自评,do,问完等{学生}想一想,Wait for {学生} to think,,,,,,\n"
    "K1-2,K1,自评,do,连着问不停,Ask on and on,,是,,,,\n"
    "K1-V1,K1,情境,do,某老师照着教案问,A teacher asks from the plan,,,1.5,,,\n"
    "K1-V2,K1,情境,do,某老师会接着追问,A teacher asks further,,,2.5,,,\n"
    "K1-T1,K1,测验,pick,哪一种是开放式提问？,Which question is open?,小学,,,2,有出处,某书\n"
    "K2-O,K2,观察,levels,板书怎么样？,How is the writing?,,,,,,\n",
    "wordings": "题号,学段,中文,英文\nK1-2,学前教育,不停地考{学生},Quiz {学生} all the time\n",
}


def own(folder, change=("", ""), table=""):
    """Return the small framework read from a folder, one text of one table changed before."""
    for name, text in TABLES.items():
        changed = text.replace(*change, 1) if name == table else text
        assert name != table or changed != text, "the change changes nothing"
        (folder / f"{name}.csv").write_text(changed, encoding="utf-8-sig")
    return read_questionnaire(parse_framework(HEAD, folder), folder)
