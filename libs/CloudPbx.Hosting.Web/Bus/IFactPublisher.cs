namespace CloudPbx.Hosting.Web.Bus;

/// <summary>Publishes facts (bus messages in the past tense) and says whether they are safe.</summary>
public interface IFactPublisher
{
    /// <summary>Publishes one fact.</summary>
    /// <typeparam name="T">The fact's type, from <c>CloudPbx.Contracts.Events</c>.</typeparam>
    /// <param name="fact">The fact.</param>
    /// <param name="cancel">Stops the wait; the fact may still arrive.</param>
    /// <returns>
    /// <see langword="true"/> once the broker has confirmed it and some queue has it (RabbitMQ) or every consumer in this process has run to its end (in memory), so that the spool may drop it;
    /// <see langword="false"/> where that did not happen within two seconds or a consumer failed: publish it again later.
    /// </returns>
    /// <remarks>Thread-safe. Never throws for a broker that is away.</remarks>
    Task<bool> TryPublishAsync<T>(T fact, CancellationToken cancel)
        where T : class;
}
