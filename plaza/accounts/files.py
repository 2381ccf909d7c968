"""Files of accounts that are gone."""

from plaza.accounts.models import AccountsMessage
from plaza.api.files import Dropped

drop = Dropped(AccountsMessage)
