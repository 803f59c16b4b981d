from .analysis.explain.faithfulness import Faithful as Faithful
from .analysis.explain.faithfulness import faithful as faithful
from .analysis.explain.keywords import KeyWords as KeyWords
from .analysis.explain.keywords import key_words as key_words
from .analysis.scan import (
    Divergence as Divergence,
)
from .analysis.scan import (
    LabelScore as LabelScore,
)
from .analysis.scan import (
    Scan as Scan,
)
from .analysis.scan import (
    scan as scan,
)
from .core import attention as attention
from .core import presets as presets
from .core.design import Design as Design
from .core.edit import DesignError as DesignError
from .core.edit import Edit as Edit
from .core.errors import BeaconvizError as BeaconvizError
from .models.loading import load as load
from .models.model import Model as Model
from .models.tasks.entities import Entity as Entity
from .models.tasks.values import Change as Change
from .notebook import Comparison as Comparison
from .notebook import compare as compare
from .optimize.flip import smallest_flip as smallest_flip
from .optimize.learn import learn as learn
from .optimize.objective import Objective as Objective
from .optimize.saliency import saliency as saliency
from .retrieval.documents import read_documents as read_documents
from .retrieval.index import ready_index as ready_index
from .retrieval.search import Results as Results
from .retrieval.search import search as search
from .rules.rule import Rule as Rule
from .runs.execute import run as run
from .runs.execute import run_batch as run_batch
from .runs.learned_beacons import as_design as as_design
from .runs.learned_beacons import load_learned as load_learned
from .runs.run import Run as Run
from .runs.steer import steering as steering
