"""The site as its people use it, through Django's test client: run inside the project, on whatever databases it has."""

from __future__ import annotations

from typing import Any

ADMIN = ("auth/user", "auth/group", "people/profile", "shop/category", "shop/tag", "shop/product", "shop/order",
         "shop/line", "blog/article", "blog/comment")  # fmt: skip


def visit(name: str) -> dict[str, Any]:
    """Log in, look at every list of the admin, make a user, a child of the new user, and delete; what came of it."""
    from django.contrib.admin.models import LogEntry
    from django.contrib.auth.models import User
    from django.contrib.sessions.models import Session
    from django.db.models import Max
    from django.test import Client

    from tests.legacy.people.models import Profile
    from tests.legacy.shop.models import Line, Order, Product, Tag

    highest = {m: m.objects.aggregate(n=Max("pk"))["n"] for m in (User, Profile, Order, LogEntry)}
    client = Client(raise_request_exception=True)
    said: dict[str, Any] = {}
    said["login"] = client.login(username="boss", password="secret")
    said["pages"] = {p: client.get(f"/admin/{p}/").status_code for p in ADMIN} | {"": client.get("/admin/").status_code}
    made = client.post(
        "/admin/auth/user/add/",
        {"username": name, "password1": "a word of 9", "password2": "a word of 9", "usable_password": "true"},
    )
    user = User.objects.get(username=name)
    said["user"] = [made.status_code, user.pk > highest[User]]
    said["change"] = [
        client.get(f"/admin/auth/user/{user.pk}/change/").status_code,
        client.get(f"/admin/shop/order/{highest[Order]}/change/").status_code,
    ]
    child = client.post("/admin/shop/order/add/", {"user": user.pk, "note": "by the admin"})
    order = Order.objects.get(user=user)
    said["child"] = [child.status_code, order.pk > highest[Order], order.user.username == name]
    profile = Profile.objects.create(user=user, motto="new")
    said["profile"] = [profile.pk > highest[Profile], user.profile.motto, Profile.objects.get(user=user).user == user]
    theirs = Client()
    said["theirs"] = [
        theirs.login(username=name, password="a word of 9"),
        theirs.post("/orders/new/", {"product": ["thing 1", "thing 2"]}).status_code,
        theirs.get("/orders/").json(),
    ]
    product = Product.objects.create(name=f"for {name}", price=1)
    tag = Tag.objects.create(label=name, target=product)
    said["generic"] = [
        Tag.objects.get(pk=tag.pk).target == product,
        [t.label for t in product.tags.all()],
        Product.objects.filter(tags__label=name).count(),
    ]
    gone = [
        client.post(f"/admin/shop/product/{product.pk}/delete/", {"post": "yes"}).status_code,
        client.post(f"/admin/shop/order/{order.pk}/delete/", {"post": "yes"}).status_code,
    ]
    said["deleted"] = [*gone, Tag.objects.filter(pk=tag.pk).count(), Order.objects.filter(pk=order.pk).count()]
    said["lines"] = Line.objects.filter(order__user_id=user.pk).count()
    said["log"] = LogEntry.objects.filter(user__username="boss", pk__gt=highest[LogEntry]).count()
    said["sessions"] = Session.objects.count() >= 2
    kept = [s.get_decoded().get("kept") for s in Session.objects.order_by("expire_date")]
    said["kept"] = "over the split" in kept
    return said


EXPECTED: dict[str, Any] = {
    "login": True,
    "pages": dict.fromkeys((*ADMIN, ""), 200),
    "user": [302, True],
    "change": [200, 200],
    "child": [302, True, True],
    "profile": [True, "new", True],
    "deleted": [302, 302, 0, 0],
    "lines": 2,
    "log": 4,
    "sessions": True,
    "kept": True,
}


def works(name: str) -> list[str]:
    """What of a visit is not as it should be."""
    said = visit(name)
    wanted = {**EXPECTED, "theirs": [True, 201, {"orders": [[], [1, 1]]}], "generic": [True, [name], 1]}
    return [f"{what}: {said[what]!r}, not {value!r}" for what, value in wanted.items() if said[what] != value]
