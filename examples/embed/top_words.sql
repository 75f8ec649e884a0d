-- Every word with how often it is used and in how many files.
-- Reads: words. One row per word. Cost: one scan.
SELECT word, count(*) AS uses, count(DISTINCT path) AS files
FROM words
WHERE word <> ''
GROUP BY word
ORDER BY uses DESC, word
