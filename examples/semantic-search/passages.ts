/** Written for this example. */
const TEXTS: Readonly<Record<string, readonly (readonly [title: string, body: string])[]>> = {
  earth: [
    [
      'Volcanoes',
      'Magma rises through cracks in the crust. When the pressure of its gases is high, a volcano erupts with ash and lava.',
    ],
    [
      'Earthquakes',
      'Two plates of the crust catch on each other for decades. When they slip, the ground shakes for a few seconds.',
    ],
    [
      'Glaciers',
      'Snow that does not melt in summer becomes ice. Under its own weight the ice flows slowly down the valley.',
    ],
    [
      'Rivers',
      'A river carries sand and gravel to the sea. Where it slows down it leaves them behind and builds a delta.',
    ],
    ['Tides', 'The moon pulls at the oceans. Twice a day the water rises along the coast, and twice it falls.'],
    [
      'Thunderstorms',
      'Warm, moist air rises quickly and cools. Ice and drops rub against each other, and lightning balances the charge.',
    ],
    [
      'Caves',
      'Rain takes up carbon dioxide and dissolves limestone. Over thousands of years the cracks become halls with dripstones.',
    ],
    [
      'Deserts',
      'In the lee of high mountains hardly any rain falls. The days are hot, and the nights are cold because the sky is clear.',
    ],
  ],
  animals: [
    [
      'Honeybees',
      'A bee that has found flowers dances in the hive. The angle of her dance shows the others where to fly.',
    ],
    [
      'Whales',
      'Humpback whales sing for hours. Their songs change from year to year, and all males of an ocean sing the same one.',
    ],
    ['Swifts', 'A swift eats, drinks and sleeps in the air. It may fly for ten months without landing once.'],
    ['Cats', 'A cat sleeps for most of the day and hunts at dusk. Its whiskers measure whether it fits through a gap.'],
    [
      'Octopuses',
      'An octopus has three hearts and nine brains, one of them in each arm. It opens jars and escapes from tanks.',
    ],
    [
      'Earthworms',
      'Earthworms pull leaves into the soil and digest them. Their tunnels let air and water reach the roots.',
    ],
    [
      'Wolves',
      'A pack of wolves is a family. The parents lead the hunt, and the older pups help to raise the younger ones.',
    ],
    ['Salmon', 'Salmon return from the sea to the river in which they hatched. They recognise its smell.'],
  ],
  kitchen: [
    [
      'Bread',
      'Mix flour, water, salt and yeast, and let the dough rise overnight. Bake the loaf in a very hot oven with steam.',
    ],
    [
      'Cheese',
      'Warm the milk and add rennet. Cut the curd, press it into a form, salt it, and let it ripen in a cellar.',
    ],
    ['Coffee', 'Grind the beans just before you brew them. Water that is boiling makes the coffee bitter.'],
    [
      'Crème brûlée',
      'Bake cream, egg yolks and vanilla in a water bath. Burn the sugar on top with a flame just before serving.',
    ],
    [
      'Pickles',
      'Put cucumbers into salt water with dill and garlic. After a week of fermentation they are sour and crisp.',
    ],
    ['Tomato soup', 'Roast the tomatoes with garlic and oil. Blend them with stock, and add basil at the end.'],
    [
      'Jalapeño salsa',
      'Chop tomatoes, onion, coriander and a jalapeño. Add lime juice, and let the salsa stand for an hour.',
    ],
    [
      'Chocolate',
      'Cocoa beans are fermented, dried, roasted and ground. Conching for a day makes the chocolate smooth.',
    ],
  ],
  workshop: [
    [
      'Bicycle tyres',
      'To repair a puncture, take the wheel out and find the hole in the tube. Roughen the rubber, glue on a patch, and pump up the tyre.',
    ],
    [
      'Sharpening knives',
      'Draw the blade over a wet stone at a steady angle. Finish on a leather strop until the knife cuts paper.',
    ],
    ['Soldering', 'Heat the joint and not the solder. When the metal is hot enough, the solder flows into the gap.'],
    [
      'Dovetail joints',
      'Mark the pins from the tails with a knife. Saw next to the line, and pare the wood to it with a chisel.',
    ],
    [
      'Pottery',
      'Centre the clay on the wheel and open it with both thumbs. The pot dries for a week before it is fired in the kiln.',
    ],
    ['Knitting', 'Cast on the stitches, and knit until the scarf is long enough. Wool stretches, so knit tightly.'],
    [
      'Bookbinding',
      'Fold the sheets, sew them through the fold, and glue the spine. Press the book until the cover is dry.',
    ],
    ['Paint', 'Sand the wood and wipe off the dust. Two thin coats of paint last longer than one thick coat.'],
  ],
  sky: [
    [
      'Telescopes',
      'A large mirror collects the light of faint stars. Above the air the pictures are sharper, so some telescopes orbit the earth.',
    ],
    ['Eclipses', 'When the moon stands exactly between the earth and the sun, the day becomes dark for a few minutes.'],
    [
      'Comets',
      'A comet is a ball of ice and dust. Near the sun the ice turns to gas, and a tail forms that points away from the sun.',
    ],
    [
      'The Milky Way',
      'Our galaxy has more than a hundred billion stars. We see its disk from the inside, as a band across the night.',
    ],
    ['Mars', 'The red of Mars is rust. Its atmosphere is thin, and dust storms can cover the whole planet.'],
    [
      'Satellites',
      'A satellite falls around the earth all the time. At a height of 36,000 kilometres it stays over one place.',
    ],
    [
      'Northern lights',
      'Particles from the sun follow the magnetic field to the poles. There they make the air glow green and red.',
    ],
    [
      'Black holes',
      'A star that is heavy enough collapses at its end. Not even light escapes from the black hole that remains.',
    ],
  ],
}

export const passages = Object.entries(TEXTS).flatMap(([topic, texts]) =>
  texts.map(([title, body]) => ({ topic, title, body })),
)
