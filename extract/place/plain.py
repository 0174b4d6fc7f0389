"""quotewire extract --reader fast TEXTS.jsonl | python plain.py: of places whose names are plain in news of the world, how many are linked
to what they are: countries, American states but those that share their name with a country or a great city, and 25 great cities."""
import collections, json, sys

STATES = '''Alabama Alaska Arizona Arkansas California Colorado Connecticut Delaware Florida Hawaii Idaho Illinois Indiana Iowa Kansas Kentucky Louisiana Maine
Maryland Massachusetts Michigan Minnesota Mississippi Missouri Montana Nebraska Nevada Ohio Oklahoma Oregon Pennsylvania Tennessee Texas Utah Vermont Virginia
Wisconsin Wyoming'''.split()
COUNTRIES = '''Mexico China Russia Iran Iraq Israel Cuba India Pakistan Turkey Norway Japan France Germany Italy Spain Poland Taiwan Egypt Syria Libya Kenya Nigeria
Canada Britain Brazil Peru Chile Colombia Panama Kuwait Brunei Lebanon Greece Sweden Ireland Australia Vietnam'''.split()
CITIES = {'Philadelphia': 'US', 'Boston': 'US', 'Chicago': 'US', 'Houston': 'US', 'Cleveland': 'US', 'Denver': 'US', 'Paris': 'FR', 'London': 'GB', 'Berlin': 'DE',
          'Moscow': 'RU', 'Sydney': 'AU', 'Havana': 'CU', 'Cairo': 'EG', 'Rome': 'IT', 'Madrid': 'ES', 'Athens': 'GR', 'San Diego': 'US', 'San Francisco': 'US',
          'Jerusalem': 'IL', 'Delhi': 'IN', 'Lima': 'PE', 'Birmingham': 'GB', 'Manchester': 'GB', 'Wellington': 'NZ', 'Hamilton': 'NZ'}
right, of, wrong = collections.Counter(), collections.Counter(), collections.Counter()
for line in sys.stdin:
    for e in json.loads(line)['entities']:
        if e['kind'] != 'place':
            continue
        place, name = e.get('place') or {}, e['name']
        for kind, ok in (('states', name in STATES and (place.get('feature'), place.get('country')) == ('state', 'US')),
                         ('countries', name in COUNTRIES and place.get('feature') == 'country'),
                         ('cities', name in CITIES and place.get('country') == CITIES.get(name))):
            if name in dict(states=STATES, countries=COUNTRIES, cities=CITIES)[kind]:
                of[kind] += 1; right[kind] += ok
                wrong[name, place.get('country'), place.get('feature')] += not ok
for kind in of:
    print(f'{kind:9} {right[kind]} of {of[kind]}')
print('wrong:', ', '.join(f'{n} × {name} ({feature} {country})' for (name, country, feature), n in wrong.most_common(12) if n))
