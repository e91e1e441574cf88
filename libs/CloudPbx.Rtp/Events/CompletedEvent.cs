namespace CloudPbx.Rtp.Events;

/// <summary>An event that is over.</summary>
/// <param name="Code">As in <see cref="TelephoneEvent.Code"/>.</param>
/// <param name="DurationTicks">How long it lasted, in timestamp ticks.</param>
public readonly record struct CompletedEvent(byte Code, uint DurationTicks)
{
    /// <summary>The digit, or <see langword="null"/> for flash and other events.</summary>
    public char? Digit => TelephoneEvent.DigitOf(Code);
}
