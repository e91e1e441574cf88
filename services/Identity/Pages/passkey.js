// Asks the authenticator what the form says, and sends the answer with the form. Without a script, or where the browser knows no passkeys, the form says so by itself.
"use strict";
for (const form of document.querySelectorAll("form[data-passkey]")) {
  const fault = form.querySelector("[data-fault]");
  const ask = async () => {
    fault.hidden = true;
    try {
      const options = JSON.parse(form.dataset.options);
      const credential = form.dataset.passkey === "get"
        ? await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })
        : await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
      form.elements.credential.value = JSON.stringify(credential);
      form.submit();
    } catch {
      fault.hidden = false;
    }
  };
  form.addEventListener("submit", event => {
    event.preventDefault();
    ask();
  });
  if (form.dataset.start) ask();
}
