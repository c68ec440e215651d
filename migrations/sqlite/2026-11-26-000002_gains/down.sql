DROP TABLE gain_links;
DROP TABLE gains;
