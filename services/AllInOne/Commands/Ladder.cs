using System.Globalization;
using CloudPbx.Softphone;

namespace CloudPbx.AllInOne.Commands;

/// <summary>The messages of a call, drawn between three lines of life.</summary>
internal sealed class Ladder(string left, string middle, string right)
{
    private const int Span = 46;
    private readonly List<(TracedMessage Message, Side Side)> _messages = [];

    /// <summary>Between which lines a message travels.</summary>
    public enum Side
    {
        /// <summary>Left phone and the middle.</summary>
        Left,

        /// <summary>The middle and the right phone.</summary>
        Right,
    }

    /// <summary>Adds a message; may be called from any thread.</summary>
    public void Add(TracedMessage message, Side side)
    {
        lock (_messages) _messages.Add((message, side));
    }

    /// <summary>Draws what has come so far, in the order of time.</summary>
    public void WriteTo(TextWriter writer)
    {
        (TracedMessage Message, Side Side)[] messages;
        lock (_messages) messages = [.. _messages.OrderBy(m => m.Message.At)];
        if (messages.Length == 0) return;
        DateTimeOffset start = messages[0].Message.At;
        writer.WriteLine($"     ms  {left.PadRight(Span + 1)}{middle.PadRight(Span + 1)}{right}");
        foreach ((TracedMessage message, Side side) in messages)
        {
            bool rightwards = side == Side.Left == message.Sent;
            string arrow = Arrow(message.Summary, rightwards);
            string blank = new(' ', Span);
            string time = (message.At - start).TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture).PadLeft(7);
            writer.WriteLine($"{time}  │{(side == Side.Left ? arrow : blank)}│{(side == Side.Right ? arrow : blank)}│");
        }
    }

    private static string Arrow(string summary, bool rightwards)
    {
        string text = summary.Length > Span - 8 ? summary[..(Span - 9)] + "…" : summary;
        string line = new('─', Span - text.Length - 4);
        return rightwards ? $"─ {text} {line}▶" : $"◀{line} {text} ─";
    }
}
