using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CloudPbx.Hosting.Web.Bus;

/// <summary>Registration of the bus: the only place that knows which one it is.</summary>
public static class EventBusExtensions
{
    /// <summary>Adds <see cref="IFactPublisher"/> and the consumers: RabbitMQ where <c>Bus:RabbitMq</c> is set, otherwise in memory.</summary>
    /// <param name="builder">The host that is being built.</param>
    /// <param name="consumers">Each adds one module's consumers.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <remarks>
    /// Publish by <see cref="IFactPublisher"/>, not by MassTransit's interfaces: in memory it calls the consumers and awaits them, since a queue in memory would say yes before
    /// anything is stored.
    /// </remarks>
    public static IHostApplicationBuilder AddEventBus(this IHostApplicationBuilder builder, params Action<FactConsumers>[] consumers)
    {
        if (builder.HasMemoryBus())
        {
            foreach (Action<FactConsumers> add in consumers)
                add(new FactConsumers(builder.Services, null));
            builder.Services.AddSingleton<IFactPublisher, MemoryFactPublisher>();
            return builder;
        }
        var broker = new Uri(Options(builder).RabbitMq!);
        builder.Services.AddMassTransit(bus =>
        {
            bus.SetKebabCaseEndpointNameFormatter();
            bus.ConfigureHealthCheckOptions(health =>
            {
                health.Tags.Clear();                                                    // a broker that is away makes nobody unready: facts wait in the spool
                health.Tags.Add("bus");
            });
            foreach (Action<FactConsumers> add in consumers)
                add(new FactConsumers(builder.Services, bus));
            bus.UsingRabbitMq((context, rabbit) =>
            {
                rabbit.Host(broker);
                rabbit.UseMessageRetry(retry => retry.Exponential(10, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(500)));
                rabbit.ConfigureEndpoints(context);
            });
        });
        builder.Services.AddOptions<MassTransitHostOptions>().Configure(host => host.WaitUntilStarted = false);   // a broker that is away delays nothing
        builder.Services.AddSingleton<IFactPublisher, BusFactPublisher>();
        return builder;
    }

    /// <summary>Whether the bus is in memory: then only this process's own consumers hear a fact, and one that nobody consumes here is lost.</summary>
    /// <param name="builder">The host that is being built.</param>
    public static bool HasMemoryBus(this IHostApplicationBuilder builder) => string.IsNullOrWhiteSpace(Options(builder).RabbitMq);

    private static EventBusOptions Options(IHostApplicationBuilder builder) => builder.Configuration.GetSection("Bus").Get<EventBusOptions>() ?? new();
}
