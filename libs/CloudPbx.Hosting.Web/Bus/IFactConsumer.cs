using MassTransit;

namespace CloudPbx.Hosting.Web.Bus;

/// <summary>Does what a fact asks for, whichever bus brings it. Delivered at least once: doing it twice does no harm. One instance may serve all facts.</summary>
/// <typeparam name="T">The fact's type, from <c>CloudPbx.Contracts.Events</c>.</typeparam>
public interface IFactConsumer<T> : IConsumer<T>
    where T : class
{
    /// <summary>Takes a fact; thread-safe.</summary>
    /// <param name="fact">The fact.</param>
    /// <param name="cancel">Nobody waits any more.</param>
    /// <returns>Completes when what it asks for is done; faults where it must come again.</returns>
    Task ConsumeAsync(T fact, CancellationToken cancel);

    /// <inheritdoc/>
    Task IConsumer<T>.Consume(ConsumeContext<T> context) => ConsumeAsync(context.Message, context.CancellationToken);
}
