using CloudPbx.Audio.Tones;

namespace CloudPbx.Softphone;

// Waiting for what is heard.
public sealed partial class PhoneAudio
{
    /// <summary>How far from the wanted frequency a tone may be, in Hz.</summary>
    private const double Tolerance = 8;

    /// <summary>A tone quieter than this is none.</summary>
    private const double FaintestDbm0 = -40;

    /// <summary>Listens for so long, counted in samples that arrive, and measures them.</summary>
    /// <param name="duration">How much to hear.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>The strongest frequency and the level.</returns>
    /// <exception cref="InvalidOperationException">The call ended before.</exception>
    public Task<ToneMeasurement> HearAsync(TimeSpan duration, CancellationToken cancel) => _ear.ListenAsync(duration, cancel);

    /// <summary>Waits until a tone is heard for a whole window (a quarter of a second).</summary>
    /// <param name="hertz">The frequency.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>What was heard.</returns>
    /// <exception cref="InvalidOperationException">The call ended before.</exception>
    public Task<ToneMeasurement> WaitForToneAsync(double hertz, CancellationToken cancel) =>
        _ear.WaitForAsync(heard => Math.Abs(heard.Hertz - hertz) <= Tolerance && heard.LevelDbm0 > FaintestDbm0, cancel);

    /// <summary>Waits until digits have come.</summary>
    /// <param name="digits">All digits since the call began.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">The call ended before.</exception>
    public async Task WaitForDigitsAsync(string digits, CancellationToken cancel) =>
        await _ear.WaitForAsync(() => _digits.ToString() == digits, cancel).ConfigureAwait(false);
}
