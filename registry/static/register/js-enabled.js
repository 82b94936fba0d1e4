// Runs before the page is drawn: the components of GOV.UK Frontend show their scripted form only
// when these two words stand at the body.
document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) {
  document.body.classList.add("govuk-frontend-supported");
}
