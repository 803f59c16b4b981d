import json

import pytest

from beaconviz.core.errors import BeaconvizError
from beaconviz.data.numbered import names_beside

NAMES = ["O", "B-PER", "I-PER"]
FEATURE = {"feature": {"names": NAMES, "_type": "ClassLabel"}, "_type": "Sequence"}
CARD = """---
license: mit
dataset_info:
{configurations}
---
# A data set
"""
CONFIGURATION = """
{dash} config_name: {name}
  features:
  - name: tokens
    {list}: string
  - name: ner_tags
    {list}:
      class_label:
        names:
          '0': O
          '1': {first}
          '2': I-PER
"""


def configuration(name="all", first="B-PER", kind="sequence", dash="-"):
    return CONFIGURATION.format(name=name, first=first, list=kind, dash=dash)


def names(folder, field="ner_tags", **files):
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / {"readme": "README.md"}.get(name, f"{name}.json")).write_text(text, "utf-8")
    return names_beside(folder / "train.jsonl", field)


@pytest.mark.parametrize(
    "files",
    [
        {"dataset_info": {"features": {"ner_tags": FEATURE}}},
        {"dataset_info": {"features": {"ner_tags": [FEATURE["feature"]]}}},
        {"dataset_infos": {"all": {"features": {"ner_tags": FEATURE}}}},
        {"dataset_infos": {n: {"features": {"ner_tags": FEATURE}} for n in "ab"}},
        {"readme": CARD.format(configurations=configuration())},
        {"readme": CARD.format(configurations=configuration(kind="list"))},
        {"readme": CARD.format(configurations=configuration(dash=" "))},
        {"dataset_info": "{", "readme": CARD.format(configurations=configuration())},
    ],
)
def test_names_where_data_sets_keep_them(tmp_path, files):
    assert names(tmp_path, **files) == tuple(NAMES)
    assert names(tmp_path, "pos_tags") is None


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"readme": "# Nothing\n"},
        {"readme": "---\nlicense: mit\n---\n"},
        {"readme": "---\ndataset_info: &a {features: {ner_tags: &b {feature: *b}}}\n---\n"},
        {"readme": "---\n: [\n---\n"},
        {"dataset_info": []},
        {"dataset_info": {"features": {"ner_tags": {"feature": {"dtype": "int64"}}}}},
        {"dataset_info": {"features": {"ner_tags": {"names": {"0": "O", "2": "B-PER"}}}}},
        {"dataset_info": {"features": {"ner_tags": {"names": [0, 1]}}}},
    ],
)
def test_no_names(tmp_path, files):
    assert names(tmp_path, **files) is None


def test_configurations_that_differ(tmp_path):
    both = configuration("a") + configuration("b", first="B-ORG")
    with pytest.raises(BeaconvizError, match=r"README.md beside the file names them in 2 ways"):
        names(tmp_path, readme=CARD.format(configurations=both))
