"""Which options go together."""

from __future__ import annotations

from Med3DInsightLib.cli.language_model_options import BackendName, flag_of, given_options
from Med3DInsightLib.errors import UserError

from .groups import BackendOptions, Choice, SliceOptions

_PICTURES = (BackendName.TRANSFORMERS, BackendName.OPENAI)
_GROUPS = {
    "table": (BackendName.FILE,),
    "model": (BackendName.FILE, *_PICTURES),
    "asking": _PICTURES,
    "local": (BackendName.TRANSFORMERS,),
    "server": (BackendName.OPENAI,),
}
_NEEDED = {
    BackendName.LABELS: (("labels", "labels"), ("labels", "names")),
    BackendName.FILE: (("table", "texts"),),
    BackendName.TRANSFORMERS: (("model", "model"),),
    BackendName.OPENAI: (("server", "url"), ("model", "model")),
}


def check_options(options: BackendOptions, slices: SliceOptions, deface: bool) -> None:
    """Raises UserError, naming the option and what to do, for what does not go together or is missing."""
    backend = options.backend
    for group, backends in _GROUPS.items():
        given = given_options(getattr(options, group))
        if given and backend not in backends:
            choices = " or ".join(f"--backend {each}" for each in backends)
            raise UserError(
                f"{given[0]} does not go with --backend {backend}", next_step=f"leave it out, or say {choices}"
            )
    for group, name in _NEEDED[backend]:
        if not getattr(getattr(options, group), name):
            raise UserError(f"--backend {backend} needs {flag_of(name)}", next_step="see --help")
    if deface and backend not in _PICTURES:
        raise UserError(
            f"--deface does not go with --backend {backend}, which sees no picture", next_step="leave it out"
        )
    if bool(options.labels.labels) != (options.labels.names is not None):
        raise UserError("--labels and --names go together", next_step="give both, or neither")
    if slices.choice == Choice.STRUCTURES and not options.labels.labels:
        raise UserError("--choice structures needs label maps", next_step="give --labels and --names")
    if not 0 <= slices.least_body <= 1:
        raise UserError("--least-body is a share", next_step="give a number from 0 to 1")
    counts = (slices.axial, slices.coronal, slices.sagittal)
    if min(counts) < 0 or not any(counts):
        raise UserError("no slice is asked for", next_step="give --axial, --coronal or --sagittal a number above 0")
