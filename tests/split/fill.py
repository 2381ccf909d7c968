"""A few hundred rows for the legacy project: run inside it, on the database that has all of them."""

from __future__ import annotations

from typing import Any


def fill(users: int = 40) -> dict[str, int]:
    """Users with profiles, orders, articles, tags and sessions; keys with gaps, counters above the highest key."""
    from django.apps import apps
    from django.contrib.admin.models import CHANGE, LogEntry
    from django.contrib.auth.models import Group, Permission, User
    from django.contrib.contenttypes.models import ContentType
    from django.contrib.sessions.backends.db import SessionStore

    from tests.legacy.blog.models import Article, Comment
    from tests.legacy.people.models import Profile
    from tests.legacy.shop.models import Category, Line, Order, Product, Tag

    teams = [Group.objects.create(name=f"team {n}") for n in range(4)]
    teams[0].permissions.set(Permission.objects.order_by("id")[:7])
    boss = User.objects.create_superuser("boss", "boss@example.test", "secret")
    people = [boss, *(User.objects.create_user(f"user {n} żółć", password=f"word {n}") for n in range(users))]
    products = [Product.objects.create(name=f"thing {n}", price=f"{n}.50") for n in range(12)]
    for product in products:
        product.categories.set(Category.objects.order_by("id")[: product.pk % 3])
        Tag.objects.create(label=f"tag of {product.pk}", target=product)
    for n, user in enumerate(people):
        user.groups.add(teams[n % 4])
        profile = Profile.objects.create(user=user, motto=f"motto {n}")
        profile.teams.add(teams[n % 4])
        for m in range(n % 4):
            order = Order.objects.create(user=user, note=f"order {m} of {n}\nwith a second line")
            Line.objects.create(order=order, product=products[(n + m) % 12], amount=m + 1)
        article = Article.objects.create(author=user if n % 5 else None, title=f"article {n}")
        article.editors.set(people[n : n + 2])
        Comment.objects.create(article=article, user=user, text="well")
        LogEntry.objects.create(
            user=user, content_type=ContentType.objects.get_for_model(Product), object_id="1", object_repr="thing",
            action_flag=CHANGE, change_message="[]",
        )  # fmt: skip
        Tag.objects.create(label="of a user", target=user)
    session = SessionStore()
    session["kept"] = "over the split"
    session.create()
    Order.objects.create(user=boss).delete()  # the counter is above the highest key
    return {m._meta.label: m._base_manager.count() for m in apps.get_models() if m._meta.app_label != "outgrow"}


def rows_of(labels: Any = None) -> dict[str, list[str]]:
    """Every row of every model as Django reads it, wherever the router finds it."""
    from django.apps import apps

    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or model._meta.app_label == "outgrow" or (labels and model._meta.label not in labels):
            continue
        names = [f.attname for f in model._meta.local_concrete_fields]
        found[model._meta.label] = sorted(map(repr, model._base_manager.values_list(*names)))
    return found
