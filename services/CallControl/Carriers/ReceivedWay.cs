using CloudPbx.CallControl.Calls;
using CloudPbx.CallControl.Routing;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Carriers;

/// <summary>
/// The way of a call before it came here, as the carrier's INVITE tells it: Diversion (RFC 5806) and History-Info (RFC 7044). Only for an INVITE that came from where the carrier is trusted (S8).
/// What is too long, too much or no such value is left out.
/// </summary>
internal sealed class ReceivedWay
{
    /// <summary>The longest value that is passed on.</summary>
    public const int LongestValue = 256;

    private const int MostEntries = 16;                           // of History-Info: phones and proxies on the way stand there, too

    private static readonly SipUri s_anonymous = SipUri.Parse("sip:anonymous@anonymous.invalid");
    private static readonly HashSet<string> s_hiding = new(StringComparer.OrdinalIgnoreCase) { "history", "header", "session" };     // the last one is RFC 4244's

    private readonly Entry[] _history;
    private readonly bool _endsHere;                              // the last entry is the number that was called here; else an entry is missing
    private readonly bool _hides;

    private ReceivedWay(string[] diversions, Entry[] history, IReadOnlyList<string> numbers, bool endsHere, bool hides)
    {
        Diversions = diversions;
        Numbers = numbers;
        _history = history;
        _endsHere = endsHere;
        _hides = hides;
    }

    /// <summary>Nothing is known.</summary>
    public static ReceivedWay None { get; } = new([], [], [], false, false);

    /// <summary>The values of Diversion as they came, the latest first.</summary>
    public IReadOnlyList<string> Diversions { get; }

    /// <summary>The numbers that the call was at, as far as they are told, in the form that the trunk's rules give to called numbers.</summary>
    public IReadOnlyList<string> Numbers { get; }

    /// <summary>How often it had been sent on; both fields tell of the same way.</summary>
    public int Length => Math.Max(Diversions.Count, _history.Skip(1).Zip(_history, (entry, before) => entry.IsSentOnFrom(before)).Count(isSentOn => isSentOn));

    /// <summary>Reads a carrier's INVITE.</summary>
    /// <param name="invite">The INVITE.</param>
    /// <param name="called">The number that was called by it, as the carrier wrote it.</param>
    /// <param name="rules">What the trunk makes of called numbers.</param>
    public static ReceivedWay Of(SipRequest invite, string called, IReadOnlyList<NumberRewrite> rules)
    {
        string[] diversions = [.. invite.Headers.GetValues(SipHeaderName.Diversion).Where(value => value.Length <= LongestValue).Take(ForwardTrail.MaximumLength)];
        Entry[] history = [.. invite.Headers.GetValues(SipHeaderName.HistoryInfo).Select(Entry.Of).OfType<Entry>().TakeLast(MostEntries)];
        if (diversions.Length == 0 && history.Length == 0)
            return None;
        IEnumerable<string> numbers = diversions.Select(value => NameAddress.TryParse(value, out NameAddress? address) ? InboundNumbers.NumberOf(address.Uri) : "")
            .Concat(history.Select(entry => entry.Number)).Where(number => number.Length > 0).Distinct();
        bool endsHere = history is [.., { Number: var last }] && (last == called || last == InboundNumbers.NumberOf(invite.RequestUri));
        // RFC 7044 §10.1: what the whole request says of privacy is said of each entry.
        bool hides = invite.Headers.GetValues(SipHeaderName.Privacy).SelectMany(value => value.Split(';', StringSplitOptions.TrimEntries)).Any(s_hiding.Contains);
        return new ReceivedWay(diversions, history, [.. numbers.Select(number => rules.Rewrite(number, new RouteTrail(), "called-rewrite"))], endsHere, hides);
    }

    /// <summary>History-Info of a call that came this way and goes on from here: the entries that came as they are, or without who wants to be hidden, then ours.</summary>
    /// <param name="hops">Who sent it on here, the called number first, and for which status (§10.2).</param>
    /// <param name="target">Who is called now.</param>
    public IEnumerable<HeaderField> HistoryOf(IReadOnlyList<(SipUri Uri, int Cause)> hops, SipUri target)
    {
        if (_history is not [.. var before, var last])
            return ForwardTrail.HistoryOf(hops, target);
        // The last entry that came says who is called here, which is our first one: it gets the reason why the call left (§10.2). Where it is about somebody else
        // an entry is missing, which a level of 0 shows (§10.3, rule 6).
        return _endsHere
            ? before.Select(Field).Concat(ForwardTrail.HistoryOf(_hides || last.IsHidden ? [(s_anonymous, hops[0].Cause), .. hops.Skip(1)] : hops, target, last.Index, last.How))
            : _history.Select(Field).Concat(ForwardTrail.HistoryOf(hops, target, last.Index + ".0"));
    }

    // §10.1.2: an entry that is to be hidden leaves without its URI; the way itself stays to be seen.
    private HeaderField Field(Entry entry) =>
        new("History-Info", _hides || entry.IsHidden ? new NameAddress(s_anonymous, null, entry.Address.Parameters).ToString() : entry.Text);

    /// <summary>A value of History-Info.</summary>
    private sealed record Entry(string Text, NameAddress Address, string Index, string Number)
    {
        private static readonly string[] s_ways = ["mp", "rc", "np"];

        /// <summary>It is not to leave (§10.1).</summary>
        public bool IsHidden => Address.Uri.Headers["Privacy"]?.Split(';', StringSplitOptions.TrimEntries).Any(s_hiding.Contains) == true;

        /// <summary>By what the number was found, as it is written: <c>;mp=1</c> (§5: another user's, another address of the same one, or no change).</summary>
        public string How => s_ways.Where(IsIndexIn).Select(name => $";{name}={Address.Parameters[name]}").FirstOrDefault("");

        /// <summary>Whether this is another party than the one before; RFC 4244 has no word for that.</summary>
        public bool IsSentOnFrom(Entry before) => Address.Parameters.Has("mp") || (!Address.Parameters.Has("rc") && !Address.Parameters.Has("np") && Number != before.Number);

        public static Entry? Of(string text) =>
            text.Length <= LongestValue && NameAddress.TryParse(text, out NameAddress? address) && address.Parameters["index"] is { } index && IsIndex(index)
                ? new Entry(text, address, index, InboundNumbers.NumberOf(address.Uri))
                : null;

        private bool IsIndexIn(string parameter) => Address.Parameters[parameter] is { } value && IsIndex(value);

        // §5: 1*DIGIT *(DOT 1*DIGIT)
        private static bool IsIndex(string text) => text.Split('.').All(level => level.Length > 0 && level.All(char.IsAsciiDigit));
    }
}
