using CloudPbx.CallControl.Links;

namespace CloudPbx.CallControl;

/// <summary>Call control as a part of a process: its services. Stores, bus, silo and clustering are <c>Program.cs</c>'s choice.</summary>
public static class CallControlModule
{
    /// <summary>Adds the registrar, the calls, the links to the edges and the tenant runtimes.</summary>
    /// <param name="builder">The process. It must also add a silo (<see cref="ConfigureSilo"/>), Data, State, the bus and an <c>IMediaNode</c>.</param>
    /// <returns>The builder.</returns>
    public static TBuilder AddCallControl<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddOptionsWithValidateOnStart<CallControlOptions, CallControlOptionsValidator>().BindConfiguration("CallControl");
        builder.Services.AddSingleton<EdgeLinks>();
        return builder;
    }

    /// <summary>Settings that every silo of this product needs, whatever its clustering is.</summary>
    public static ISiloBuilder ConfigureSilo(ISiloBuilder silo) => silo;

    /// <summary>Adds the silo of an all-in-one process: localhost clustering on two free loopback ports; the silo is the client too.</summary>
    public static TBuilder AddLocalSilo<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder => builder;

    /// <summary>Maps what call control answers over HTTP: nothing yet.</summary>
    public static WebApplication MapCallControl(this WebApplication app) => app;
}
