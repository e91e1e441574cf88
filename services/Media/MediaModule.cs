using CloudPbx.Blobs;
using CloudPbx.Blobs.Storage;
using CloudPbx.Hosting;
using CloudPbx.Media.Control;
using CloudPbx.Media.Sessions;
using CloudPbx.Net.Memory;
using CloudPbx.Sdp;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CloudPbx.Media;

/// <summary>The media node as a part of a process. Nothing else may live in that process: a garbage collection there would be heard.</summary>
public static class MediaModule
{
    /// <summary>Adds the node, which controllers reach at <see cref="MediaOptions.Control"/> and, if one is named, at <see cref="MediaOptions.Grpc"/>.</summary>
    public static TBuilder AddMedia<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        IServiceCollection services = builder.Services;
        services.AddOptionsWithValidateOnStart<MediaOptions, MediaOptionsValidator>().BindConfiguration("Media");
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new MediaNode(
            provider.GetRequiredService<IOptions<MediaOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            RandomOctets.Fill,
            provider.GetRequiredService<ILogger<MediaNode>>(),
            provider.GetRequiredService<IBlobStore>()));
        builder.AddBlobs();                                       // where the tenants' own sounds lie: read only
        services.AddSingleton<CommandHandler>();
        services.AddSingleton<ControlConversation>();
        services.AddHostedService<MediaNodeLifetime>();
        services.AddSingleton<ControlListener>();
        services.AddHostedService(provider => provider.GetRequiredService<ControlListener>());
        if (builder.Configuration["Media:Grpc"] is { Length: > 0 })
        {
            services.AddSingleton<GrpcListener>();
            services.AddHostedService(provider => provider.GetRequiredService<GrpcListener>());
        }
        services.AddHealthChecks().AddCheck<MediaHealth>("media", tags: [HostingDefaults.ReadyTag]);
        return builder;
    }

    /// <summary>Has the node announce itself, so that workers find it. Needs the live state.</summary>
    public static TBuilder AddMediaAnnouncement<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddHostedService<NodeAnnouncer>();
        return builder;
    }
}
