namespace CloudPbx.Rtp.Quality;

/// <summary>An estimate of what a listener would say of a call, from what the packets tell: the E-model with its defaults (ITU-T G.107), as a mean opinion score.</summary>
public static class VoiceQuality
{
    private const double Best = 93.2;               // R0 − Is with all defaults
    private const double Worst = 95;

    /// <summary>Estimates the mean opinion score of one direction.</summary>
    /// <param name="codec">Encoding name, any case.</param>
    /// <param name="lossPercent">Packets that never came, in per cent.</param>
    /// <param name="oneWayMilliseconds">From mouth to ear: network, packet time, jitter buffer.</param>
    /// <returns>1 (bad) to 4.5 (the best that a telephone gives); wideband codecs are judged as narrowband ones.</returns>
    public static double Mos(string codec, double lossPercent, double oneWayMilliseconds)
    {
        // G.113 Appendix I: equipment impairment, and robustness against random loss, with concealment.
        (double impairment, double robustness) = codec?.ToUpperInvariant() switch
        {
            "G729" => (11.0, 19.0),
            "GSM" => (20.0, 43.0),
            "OPUS" => (0.0, 20.0),
            _ => (0.0, 25.1),
        };
        double loss = Math.Clamp(lossPercent, 0, 100);
        double effective = impairment + ((Worst - impairment) * loss / (loss + robustness));
        double delay = Math.Max(0, oneWayMilliseconds);
        double delayImpairment = (0.024 * delay) + (delay > 177.3 ? 0.11 * (delay - 177.3) : 0);     // the usual simplification of §7.4
        double r = Best - delayImpairment - effective;
        return r <= 0 ? 1 : Math.Clamp(1 + (0.035 * r) + (r * (r - 60) * (100 - r) * 7e-6), 1, 4.5);
    }
}
