"""A depth that se-bench does not list: two basic units a stage."""

from se_bench.nets.backbones.cifar_resnet import CifarResNet

cifar_resnet14 = CifarResNet(14)
