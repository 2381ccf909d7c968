"""An order made in one transaction, and the list of one's orders."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, JsonResponse

from tests.legacy.shop.models import Line, Order, Product


@login_required
def orders(request: HttpRequest) -> JsonResponse:
    mine = Order.objects.filter(user=request.user).prefetch_related("lines")
    return JsonResponse({"orders": [[line.amount for line in order.lines.all()] for order in mine]})


@login_required
def order(request: HttpRequest) -> JsonResponse:
    with transaction.atomic():
        made = Order.objects.create(user=request.user, note=request.POST.get("note", ""))
        for product in Product.objects.filter(name__in=request.POST.getlist("product")):
            Line.objects.create(order=made, product=product)
    return JsonResponse({"order": made.pk}, status=201)
