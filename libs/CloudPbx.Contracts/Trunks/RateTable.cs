using System.Globalization;
using System.Text;

namespace CloudPbx.Contracts.Trunks;

/// <summary>A rate table as people keep it, in CSV: a prefix and the price of a minute on each line, for example <c>+4989,0.0125</c>. A first line without digits is a heading.</summary>
public static class RateTable
{
    /// <summary>Rates in a table at most.</summary>
    public const int MaximumRates = 20_000;

    private const int MostDecimals = 6;                           // millionths
    private const decimal DearestMinute = 1_000_000m;

    /// <summary>Reads a table.</summary>
    /// <param name="text">The lines; comma or semicolon between the two, quotes around them allowed, empty lines skipped.</param>
    /// <param name="rates">The rates in the order of the lines; empty where there is a fault.</param>
    /// <returns>What is wrong, with the line's number, or <see langword="null"/>.</returns>
    public static string? Read(string text, out IReadOnlyList<CallRate> rates)
    {
        ArgumentNullException.ThrowIfNull(text);
        rates = [];
        List<CallRate> read = [];
        HashSet<string> prefixes = [];
        int number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            string[] cells = [.. line.Split(line.Contains(';', StringComparison.Ordinal) ? ';' : ',').Select(cell => cell.Trim().Trim('"', '\ufeff').Trim())];
            if (cells is [""] || (number == 1 && !line.Any(char.IsAsciiDigit)))
                continue;
            string? fault = cells.Length != 2 ? "must be a prefix and a price, for example +4989,0.0125"
                : !IsPrefix(cells[0]) ? "the prefix must be a plus and up to 15 digits, or nothing for every number"
                : !TryPrice(cells[1], out long price) ? "the price of a minute must be a number from 0 to 1000000 with at most 6 decimals"
                : !prefixes.Add(cells[0]) ? "the prefix stands in the table twice"
                : read.Count == MaximumRates ? $"there may be at most {MaximumRates} rates"
                : Add(cells[0], price);
            if (fault is not null)
                return string.Create(CultureInfo.InvariantCulture, $"Line {number}: {fault}.");
        }
        rates = read;
        return null;

        string? Add(string prefix, long price)
        {
            read.Add(new CallRate(prefix, price));
            return null;
        }
    }

    /// <summary>Writes a table that <see cref="Read"/> takes.</summary>
    public static string Write(IEnumerable<CallRate> rates)
    {
        StringBuilder text = new("prefix,perMinute\n");
        foreach (CallRate rate in rates)
            text.Append(CultureInfo.InvariantCulture, $"{rate.Prefix},{rate.MicroUnitsPerMinute / 1_000_000m:0.######}\n");
        return text.ToString();
    }

    /// <summary>Whether a text may be a rate's prefix.</summary>
    public static bool IsPrefix(string text) =>
        text is { Length: 0 } || (text is { Length: >= 2 and <= 16 } && text[0] == '+' && !text.AsSpan(1).ContainsAnyExceptInRange('0', '9'));

    private static bool TryPrice(string text, out long price)
    {
        price = 0;
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value) || value > DearestMinute || value.Scale > MostDecimals)
            return false;
        price = (long)(value * 1_000_000m);
        return true;
    }
}
