namespace CloudPbx.Api.Webhooks;

/// <summary>What became of an attempt.</summary>
/// <param name="Status">The receiver's status; null where there was no answer.</param>
/// <param name="Milliseconds">How long it took.</param>
/// <param name="Fault">Why it failed; null where it did not.</param>
/// <param name="RetryAfter">How long the receiver wants to be left alone.</param>
internal sealed record WebhookAttempt(int? Status, int Milliseconds, string? Fault, TimeSpan? RetryAfter)
{
    /// <summary>RFC 9110 §15.5.11: it is gone for good. Standard Webhooks: switch the webhook off.</summary>
    public const int Gone = 410;
}
