using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Hosting.Web.Bus;

/// <summary>The consumers of a process that is being built.</summary>
public sealed class FactConsumers
{
    private readonly IServiceCollection _services;
    private readonly IRegistrationConfigurator? _broker;

    internal FactConsumers(IServiceCollection services, IRegistrationConfigurator? broker) => (_services, _broker) = (services, broker);

    /// <summary>Adds a consumer. With a broker its queue is named after its class.</summary>
    /// <typeparam name="TConsumer">The consumer.</typeparam>
    /// <typeparam name="TFact">What it consumes.</typeparam>
    public void Add<TConsumer, TFact>()
        where TConsumer : class, IFactConsumer<TFact>
        where TFact : class
    {
        if (_broker is null)
            _services.AddSingleton<IFactConsumer<TFact>, TConsumer>();
        else
            _broker.AddConsumer<TConsumer>();
    }
}
