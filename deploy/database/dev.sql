CREATE DATABASE "plaza_social";
CREATE DATABASE "plaza_videos";
CREATE DATABASE "plaza_bookings";
