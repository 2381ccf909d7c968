from django.urls import path

from plaza.accounts.api import email, two_factor, views

urlpatterns = [
    path("auth/register", views.Register.as_view()),
    path("auth/verify", views.Verify.as_view()),
    path("auth/verify/again", views.VerifyAgain.as_view()),
    path("auth/token", views.Token.as_view()),
    path("auth/token/refresh", views.TokenRefresh.as_view()),
    path("auth/token/revoke", views.TokenRevoke.as_view()),
    path("me", views.Me.as_view()),
    path("me/image", views.Portrait.as_view()),
    path("me/email", email.Email.as_view()),
    path("me/export", views.Exports.as_view()),
    path("me/export/<uuid:export>", views.OneExport.as_view()),
    path("me/password", views.Password.as_view()),
    path("me/two-factor", two_factor.TwoFactor.as_view()),
    path("me/two-factor/confirm", two_factor.Confirm.as_view()),
    path("me/two-factor/disable", two_factor.Disable.as_view()),
    path("me/sessions", views.Sessions.as_view()),
    path("me/sessions/<uuid:session>", views.OneSession.as_view()),
]
