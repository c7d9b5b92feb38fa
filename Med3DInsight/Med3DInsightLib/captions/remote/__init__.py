"""Pictures described by a server with the OpenAI chat API, on this computer or on one that the user allowed.

Besides catalog/fetching the only room of the library that opens connections to other computers, and the only one
that sends pictures. Knows captions and httpx2.
"""

from .api_key import ApiKey
from .chat_model import ChatModel
from .consent import UploadConsent
from .settings import ChatSettings, RetrySettings

__all__ = ["ApiKey", "ChatModel", "ChatSettings", "RetrySettings", "UploadConsent"]
