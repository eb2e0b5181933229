/** Thing -> its usual color, each one of `classes`' colors. */
export const colors: readonly (readonly [thing: string, color: string])[] = [
  ['snow', 'white'], ['milk', 'white'], ['salt', 'white'], ['sugar', 'white'], ['grass', 'green'], ['leaf', 'green'],
  ['frog', 'green'], ['cucumber', 'green'], ['coal', 'black'], ['night', 'black'], ['tar', 'black'],
  ['raven', 'black'], ['blood', 'red'], ['tomato', 'red'], ['rose', 'red'], ['cherry', 'red'], ['brick', 'red'],
  ['lemon', 'yellow'], ['banana', 'yellow'], ['gold', 'yellow'], ['corn', 'yellow'], ['sky', 'blue'], ['sea', 'blue'],
  ['ocean', 'blue'], ['mud', 'brown'], ['wood', 'brown'], ['chocolate', 'brown'], ['pig', 'pink'],
  ['flamingo', 'pink'],
];
