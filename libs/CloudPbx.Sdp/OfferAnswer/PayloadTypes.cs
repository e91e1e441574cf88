namespace CloudPbx.Sdp;

/// <summary>Numbers for an offer's formats: static where there is one, steady over re-offers, else the other party's or a free one.</summary>
internal static class PayloadTypes
{
    private const int FirstDynamic = 96, LastDynamic = 127;
    private const int CustomaryEvents = 101;        // what nearly everybody uses, and some phones insist on
    private const int MaxFormats = 24;

    /// <param name="local">What we bring.</param>
    /// <param name="like">The other party's formats.</param>
    /// <param name="previous">The section before, or null.</param>
    /// <param name="reserved">Numbers that mean something else on the same transport.</param>
    public static IReadOnlyList<PayloadFormat> Assign(LocalMedia local, IReadOnlyList<PayloadFormat> like, MediaDescription? previous, IReadOnlyCollection<string> reserved)
    {
        var known = new List<PayloadFormat>(previous?.PayloadFormats() ?? []);      // RFC 3264 §8.3.2: a number keeps its meaning
        var formats = new List<PayloadFormat>();
        foreach (PayloadFormat format in local.OwnOrder ? InOrder() : like)
        {
            if (formats.Count < MaxFormats && local.Takes(format.Codec))
                Add(format.Codec, format.Parameters, format.PayloadType);
        }
        foreach (AudioCodec codec in local.Codecs)
        {
            if (!formats.Exists(f => f.Codec.Equals(codec)))
                Add(codec, null, null);
        }
        if (local.ComfortNoise && formats.Exists(f => f.Codec.ClockRate == AudioCodec.ComfortNoise.ClockRate))
            Add(AudioCodec.ComfortNoise, null, null);
        if (local.TelephoneEvent)
        {
            foreach (int rate in formats.Where(f => f.Codec.IsSpeech).Select(f => f.Codec.ClockRate).Distinct().ToArray())
                Add(AudioCodec.TelephoneEvent(rate), FormatParameters.Events, rate == 8000 ? CustomaryEvents : null);
        }
        return formats;

        // A codec that the other party lacks stands in its place with no parameters.
        IEnumerable<PayloadFormat> InOrder() => local.Codecs.SelectMany(codec => like.Any(f => f.Codec.Equals(codec)) ? like.Where(f => f.Codec.Equals(codec)) : [new PayloadFormat(-1, codec)])
            .Concat(like.Where(f => !local.Codecs.Contains(f.Codec)));

        void Add(AudioCodec codec, string? parameters, int? wish)
        {
            var format = new PayloadFormat(-1, codec, FormatParameters.ForUs(codec, parameters));
            if (formats.Exists(f => f.IsInterchangeableWith(format)))
                return;
            int? type = codec.StaticPayloadType
                ?? known.Find(k => k.IsInterchangeableWith(format))?.PayloadType        // though it be reserved: then that one gives way
                ?? (wish is >= FirstDynamic and <= LastDynamic && IsFree(wish.Value, codec.IsTelephoneEvent) ? wish : null)
                ?? Free(codec.IsTelephoneEvent);
            if (type is { } number)
                formats.Add(format with { PayloadType = number });
        }

        int? Free(bool events)
        {
            for (int type = FirstDynamic; type <= LastDynamic; type++)
            {
                if (IsFree(type, events))
                    return type;
            }
            return null;
        }

        bool IsFree(int type, bool events) =>
            (type != CustomaryEvents || events || !local.TelephoneEvent)
            && !formats.Exists(f => f.PayloadType == type) && !known.Exists(k => k.PayloadType == type)
            && !reserved.Contains(type.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
