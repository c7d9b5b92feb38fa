"""From the choice of a backend to something that can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from ...captions.backends import Backend, LabelsBackend, PictureBackend
from ...captions.backends.replying import CheckStop
from ...captions.prompting import Prompt
from ...errors import UserError
from ..computing.device import choose_device
from ..computing.kept_models import KeptModels
from .backend_choice import ChatServer, LabelMapSentences, LocalModel
from .weight_revisions import WeightRevisions

if TYPE_CHECKING:  # both take a while to import, and are needed by some requests only
    from ...captions.local import TransformersModel
    from ...captions.local.model_folder import ModelFolder
    from ...captions.local.opened_model import OpenedModel
    from ...captions.local.settings import TransformersSettings
    from ...captions.remote import ChatModel


class Backends:
    """Opens backends, and keeps local models with the other models.

        backends = Backends(kept)
        backends.describing(LocalModel("models/medgemma-4b-it"), prompt, check_stop)

    Nothing is loaded or sent before the first slice. Raises UserError for what is missing, cannot be, or was not
    allowed: the host of a server must be among those that the user has named.
    """

    def __init__(self, kept: KeptModels) -> None:
        self._kept = kept
        self._revisions = WeightRevisions()

    def describing(
        self,
        choice: LabelMapSentences | LocalModel | ChatServer,
        prompt: Prompt | None,
        check_stop: CheckStop,
        remark: str = "",
    ) -> Backend:
        """What describes slices; a prompt is needed for all but label maps. For the remark see PictureBackend."""
        if isinstance(choice, LabelMapSentences):
            return LabelsBackend(choice.seed, choice.detailed)
        if prompt is None:
            raise ValueError("a model needs a prompt")
        return PictureBackend(self.replying(choice, prompt, check_stop), remark)

    def replying(
        self, choice: LocalModel | ChatServer, prompt: Prompt, check_stop: CheckStop
    ) -> TransformersModel | ChatModel:
        """A model that is asked about pictures."""
        try:
            match choice:
                case LocalModel():
                    return self._local(choice, prompt, check_stop)
                case ChatServer():
                    return _remote(choice, prompt, check_stop)
                case _:
                    assert_never(choice)
        except ValueError as error:  # settings tell in words what they cannot be
            raise UserError(str(error), next_step="correct the settings of the backend") from error

    def _local(self, choice: LocalModel, prompt: Prompt, check_stop: CheckStop) -> TransformersModel:
        from ...captions.local import NumberFormat, TransformersModel, TransformersSettings
        from ...captions.local.opened_model import OpenedModel

        if choice.dtype not in list(NumberFormat):
            raise ValueError(f"there is no number format '{choice.dtype}', only {', '.join(NumberFormat)}")
        device = choose_device(choice.device).type
        settings = TransformersSettings(
            choice.model,
            choice.revision or self._revisions.of(choice.model),
            choice.allow_download,
            device,
            NumberFormat(choice.dtype),
            choice.batch,
            choice.sampling,
        )

        def kept(files: ModelFolder, opened_with: TransformersSettings) -> OpenedModel:
            key = ("image-text-to-text", str(files.path.resolve()), files.revision, device, opened_with.dtype.value)
            return self._kept.get(key, lambda: OpenedModel(files, opened_with))

        return TransformersModel(settings, prompt, kept, check_stop)


def _remote(choice: ChatServer, prompt: Prompt, check_stop: CheckStop) -> ChatModel:
    from ...captions.remote import ChatModel

    return ChatModel(choice.settings, prompt, choice.consent, check_stop=check_stop)
