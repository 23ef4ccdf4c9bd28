"use strict";
// A file is read into the form's own text, so that it is seen before it is proposed; it never leaves by itself.
(() => {
  const file = document.getElementById("file"), text = document.getElementById("text");
  document.getElementById("from-file").hidden = false;
  file.addEventListener("change", async () => {
    if (file.files.length) text.value = await file.files[0].text();
  });
})();
