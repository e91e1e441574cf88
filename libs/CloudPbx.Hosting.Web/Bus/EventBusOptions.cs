namespace CloudPbx.Hosting.Web.Bus;

/// <summary>Which bus carries the facts. Section <c>Bus</c>.</summary>
public sealed class EventBusOptions
{
    /// <summary><c>amqp://user:password@host:5672/vhost</c>, or empty: in memory, inside this process. May hold a password: never log it.</summary>
    public string? RabbitMq { get; set; }
}
