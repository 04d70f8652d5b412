// Explorers are built when they come near; one that a link leads into is built at once.

function start() {
  const messages = JSON.parse(document.getElementById("messages").textContent);
  pageTables(messages);
  fitPaper(messages);
  const explorers = Array.from(document.querySelectorAll(".explorer"), (place) => new Explorer(place, messages));
  const tables = engineTables(messages);
  const address = new Address(explorers, tables);
  for (const part of [...explorers, ...tables]) part.address = address;
  const near = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) {
        near.unobserve(entry.target);
        explorers.find((explorer) => explorer.place === entry.target).load();
      }
    }
  }, { rootMargin: "600px" });
  for (const explorer of explorers) near.observe(explorer.place);
  address.start();
}

start();
