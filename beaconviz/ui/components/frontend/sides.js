// The two sides of a document's matrices: which names its rows and its columns have.

export function sides(kind, { words, rows, columns, reading }) {
  const down = rows ?? words;
  return { rows: down, columns: kind === "marker" && reading === "product" ? down : columns ?? words };
}

// Whether the columns of M are something else than those of A and of the maps: in the product
// reading they are other rows.
export const apart = ({ reading, rows, columns }) => reading === "product" && Boolean(rows || columns);

export const same = (one, other) =>
  one === other || (one?.length === other?.length && one?.every((text, k) => text === other[k]));
