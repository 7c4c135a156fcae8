DROP TABLE hand_deliveries;
