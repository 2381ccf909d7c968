"""Files of social that nothing shows any more."""

from plaza.api.files import Dropped
from plaza.social.models import SocialMessage

drop = Dropped(SocialMessage)
