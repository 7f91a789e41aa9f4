"""What a download's failure means for the user."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from models.card import ModelCard
from models.missing import complaint, missing


@contextmanager
def told(card: ModelCard, token: str | None) -> Iterator[None]:
    """Tell what went wrong on the network or the disk in words that help.

    Raises:
        MaquetteError: MODEL_MISSING with what to do.
    """
    import httpx2
    from huggingface_hub import errors

    page = f"https://huggingface.co/{card.source}"
    try:
        yield
    except errors.GatedRepoError:
        sent = "the token that was sent may not read it" if token else "no token was sent"
        raise complaint(
            card,
            f"its authors want their conditions accepted, and {sent}. Sign in at {page}, accept them there, "
            "then set HF_TOKEN (or HUGGINGFACE_TOKEN) to a token with read access from "
            "https://huggingface.co/settings/tokens.",
        ) from None
    except errors.RepositoryNotFoundError:
        raise complaint(
            card,
            f"the Hub knows no repository {card.source}, or shows it only with the token of somebody who "
            "may see it (HF_TOKEN or HUGGINGFACE_TOKEN).",
        ) from None
    except (errors.RevisionNotFoundError, errors.EntryNotFoundError):
        raise complaint(card, f"{page} has no {card.revision} with these files any more.") from None
    except errors.OfflineModeIsEnabled:
        raise missing(card, "HF_HUB_OFFLINE is set, so nothing is downloaded.") from None
    except errors.HfHubHTTPError as error:
        status = error.response.status_code
        if status == 401:
            raise complaint(
                card, "the Hub does not take the token in HF_TOKEN or HUGGINGFACE_TOKEN."
            ) from None
        raise missing(card, f"its source answered with {status}; try again later.") from None
    except (httpx2.HTTPError, OSError) as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise complaint(card, "the disk of the data folder is full; what has come is kept.") from None
        if isinstance(error, PermissionError):
            raise complaint(card, "the data folder cannot be written to.") from None
        raise missing(
            card,
            "it could not be downloaded; is this machine online? What has come is kept, and the next try "
            "goes on from there.",
        ) from None
