"""Files come in two steps: a row that says where to PUT the bytes, and, when they are there, what they are."""

from __future__ import annotations

import hashlib
import uuid
from typing import IO, Any

from django.conf import settings
from django.core.files.storage import default_storage
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plaza.api import once
from plaza.api.addresses import one
from plaza.api.problems import Conflict, TooLarge, Unprocessable
from plaza.api.schema import problems
from plaza.api.views import ONCE, read, user_of
from plaza.media import images, kinds
from plaza.media.receiving import Bytes, received
from plaza.social import uploading
from plaza.social.api import forms
from plaza.social.api.following import writer
from plaza.social.models import Image, SocialRequest, Upload

State = Upload.State
ALLOWED = {Upload.Kind.IMAGE: kinds.IMAGES, Upload.Kind.MOVIE: kinds.MOVIES}
PIECE = 2**20


def shown(upload: Upload) -> dict[str, Any]:
    waits = upload.state in (State.WAITING, State.RECEIVED)
    return {
        "id": str(upload.public_id),
        "kind": upload.kind,
        "state": upload.state,
        "put": f"/api/uploads/{upload.public_id}/content" if waits else None,
        "media": upload.media or None,
        "error": upload.error or None,
        "created_at": upload.created_at,
    }


def mine(request: Request, upload: uuid.UUID) -> Upload:
    return one(Upload.objects.all(), public_id=upload, owner_id=user_of(request))


class Uploads(APIView):
    throttle_scope = "upload"

    @extend_schema(operation_id="begin_upload", tags=["social"], request=forms.NewUpload, parameters=[ONCE],
                   responses={201: forms.UploadAnswer, **problems(410, 413)})  # fmt: skip
    @once.once(SocialRequest)
    def post(self, request: Request) -> Response:
        """Announce a picture or a movie; the answer says where to PUT its bytes."""
        data, me = read(forms.NewUpload, request), writer(request)
        limit = settings.MEDIA_LIMITS[data["kind"]]
        if data["size_bytes"] > limit:
            raise TooLarge(f"This is too large: expected at most {limit:,} bytes.")
        return Response(shown(Upload.objects.create(owner_id=me, **data)), status=status.HTTP_201_CREATED)


class OneUpload(APIView):
    @extend_schema(operation_id="get_upload", tags=["social"], responses={200: forms.UploadAnswer})
    def get(self, request: Request, upload: uuid.UUID) -> Response:
        """How far an upload is."""
        return Response(shown(mine(request, upload)))


class Content(APIView):
    parser_classes: list[type[BaseParser]] = [Bytes]

    @extend_schema(operation_id="put_upload", tags=["social"],
                   request={"application/octet-stream": OpenApiTypes.BINARY},
                   responses={204: None, **problems(409, 413)})  # fmt: skip
    def put(self, request: Request, upload: uuid.UUID) -> Response:
        """Send the bytes, as many as were announced; sent again, they take the place of the first."""
        row = mine(request, upload)
        if row.state not in (State.WAITING, State.RECEIVED):
            raise Conflict("This upload is complete: begin another.")
        with received(request, row.size_bytes) as file:
            self._check(row, file)
            if not uploading.take_bytes(row, file):
                raise Conflict("Bytes of this upload came twice at the same time: send them again.")
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _check(self, row: Upload, file: IO[bytes]) -> None:
        digest, size = hashlib.sha256(), 0
        while piece := file.read(PIECE):
            digest.update(piece)
            size += len(piece)
        file.seek(0)
        if size != row.size_bytes:
            raise exceptions.ValidationError(f"{size} bytes came, and {row.size_bytes} were announced.")
        if row.sha256 and row.sha256 != digest.hexdigest():
            raise exceptions.ValidationError("These bytes are not those whose SHA-256 was announced.")


class Complete(APIView):
    @extend_schema(operation_id="complete_upload", tags=["social"], request=None,
                   responses={200: forms.UploadAnswer, 202: forms.UploadAnswer, **problems(409, 415, 422)})  # fmt: skip
    def post(self, request: Request, upload: uuid.UUID) -> Response:
        """Say that the bytes are there: a picture is ready at once (200), a movie is worked on (202). Doing it again
        answers how far it is."""
        row = mine(request, upload)
        if row.state == State.WAITING:
            raise Conflict("The bytes of this upload have not come: PUT them first.")
        if uploading.is_free(row):
            self._go_on(row)
            row.refresh_from_db()
        if row.state == State.FAILED:
            raise Unprocessable(row.error)
        return Response(shown(row), status=200 if row.state == State.READY else 202)

    def _go_on(self, row: Upload) -> None:
        try:
            with default_storage.open(row.raw) as raw:
                kind = kinds.sniff(raw, ALLOWED[Upload.Kind(row.kind)])
                if row.kind == Upload.Kind.MOVIE:
                    uploading.claim_movie(row, kind.extension)
                elif uploading.claim(row, kind.extension):
                    self._keep(row, raw)
        except FileNotFoundError:
            row.refresh_from_db()
            if row.state != State.READY:  # else another request was quicker
                raise Conflict("The bytes of this upload are gone: PUT them again.") from None

    def _keep(self, row: Upload, raw: IO[bytes]) -> None:
        try:
            picture = images.bare(raw)
        except Unprocessable:
            uploading.put_back(row)
            raise
        row.refresh_from_db()
        made = Image(width=picture.width, height=picture.height, alt_text=row.alt_text)
        uploading.keep(row, picture.file, made)
