// Stands in for what BertViz asks of require.js and of d3 5, on a page that has jQuery and d3 3.5.
{
  const scope = /** @type {any} */ (window);
  const { d3, jQuery } = scope;
  // d3 3.5 has the ten colours under another name. A dark page takes the paler ten of the twenty,
  // for lines that fade with their weight.
  const dark = document.documentElement.dataset.theme === "dark";
  const twenty = d3.scale.category20().range();
  d3.schemeCategory10 = dark
    ? twenty.filter((/** @type {string} */ _, /** @type {number} */ k) => k % 2)
    : d3.scale.category10().range();
  d3.scale.category10 = () => d3.scale.ordinal().range(d3.schemeCategory10);
  scope.require = { config() {} };
  scope.requirejs = (
    /** @type {string[]} */ _names,
    /** @type {(jQuery: unknown, d3: unknown) => void} */ start,
  ) => start(jQuery, d3);
}
