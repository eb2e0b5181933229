export const continents = ['europe', 'asia', 'africa', 'america'] as const;
export type Continent = (typeof continents)[number];

/** Country, its capital and its continent, all countries and capitals different. */
export const capitals: readonly (readonly [country: string, capital: string, continent: Continent])[] = [
  ['angola', 'luanda', 'africa'], ['austria', 'vienna', 'europe'], ['bolivia', 'sucre', 'america'],
  ['brazil', 'brasilia', 'america'], ['canada', 'ottawa', 'america'], ['chile', 'santiago', 'america'],
  ['china', 'beijing', 'asia'], ['colombia', 'bogota', 'america'], ['cuba', 'havana', 'america'],
  ['denmark', 'copenhagen', 'europe'], ['ecuador', 'quito', 'america'], ['egypt', 'cairo', 'africa'],
  ['finland', 'helsinki', 'europe'], ['france', 'paris', 'europe'], ['germany', 'berlin', 'europe'],
  ['ghana', 'accra', 'africa'], ['greece', 'athens', 'europe'], ['hungary', 'budapest', 'europe'],
  ['india', 'delhi', 'asia'], ['indonesia', 'jakarta', 'asia'], ['iran', 'tehran', 'asia'],
  ['iraq', 'baghdad', 'asia'], ['ireland', 'dublin', 'europe'], ['italy', 'rome', 'europe'],
  ['jamaica', 'kingston', 'america'], ['japan', 'tokyo', 'asia'], ['jordan', 'amman', 'asia'],
  ['kenya', 'nairobi', 'africa'], ['libya', 'tripoli', 'africa'], ['mali', 'bamako', 'africa'],
  ['morocco', 'rabat', 'africa'], ['nepal', 'kathmandu', 'asia'], ['nigeria', 'abuja', 'africa'],
  ['norway', 'oslo', 'europe'], ['peru', 'lima', 'america'], ['poland', 'warsaw', 'europe'],
  ['portugal', 'lisbon', 'europe'], ['qatar', 'doha', 'asia'], ['russia', 'moscow', 'europe'],
  ['rwanda', 'kigali', 'africa'], ['senegal', 'dakar', 'africa'], ['spain', 'madrid', 'europe'],
  ['sweden', 'stockholm', 'europe'], ['syria', 'damascus', 'asia'], ['thailand', 'bangkok', 'asia'],
  ['turkey', 'ankara', 'asia'], ['uganda', 'kampala', 'africa'], ['uruguay', 'montevideo', 'america'],
  ['venezuela', 'caracas', 'america'], ['vietnam', 'hanoi', 'asia'], ['zambia', 'lusaka', 'africa'],
];
