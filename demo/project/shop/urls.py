"""Which address shows what."""

from django.urls import path

from shop import views

urlpatterns = [
    path("items/<int:number>/", views.item),
    path("orders/<int:number>/", views.order),
    path("orders/<int:number>/pay/", views.pay),
    path("stock/<int:number>/", views.stock),
    path("reports/<int:number>/", views.report),
    path("burst/<int:lines>/", views.burst),
    path("burst-below-level/<int:lines>/", views.burst_below_level),
    path("clocked/<int:lines>/", views.clocked),
]
