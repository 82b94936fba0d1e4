// The components of GOV.UK Frontend that our pages use, and no others.
import {
  Button, Checkboxes, ErrorSummary, NotificationBanner, Radios, ServiceNavigation, SkipLink, createAll,
} from "govuk-frontend";

for (const component of [
  Button, Checkboxes, ErrorSummary, NotificationBanner, Radios, ServiceNavigation, SkipLink,
]) {
  createAll(component);
}
